// `--shard K/N`: chooses one of N parts of the hosts, for N machines that share a
// run. A host's part depends only on its name and N, so that neither the order of
// the inventory nor other hosts change it.
import type { Host } from "../../inventory/inventory.ts";
import { UsageError } from "../process/exit_code.ts";

/** One of `count` parts; `index` starts at 0. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

const FORM = "Use K/N, such as 1/4, or auto";

/**
 * Reads `K/N` with K from 1 to N, `auto` or `auto/N`. `auto` takes K and N from a
 * Slurm array task, or K from a Kubernetes indexed job, whose N comes from
 * `auto/N` or JOB_COMPLETIONS.
 *
 * @param env reads an environment variable
 * @throws {UsageError} when the text is malformed, or K or N is missing or out of
 * range.
 */
export function parseShard(
  text: string,
  env: (name: string) => string | undefined,
): Shard {
  const [, k, n] = /^(auto|\d{1,6})(?:\/(\d{1,6}))?$/.exec(text) ?? [];
  if (k === undefined || (k !== "auto" && n === undefined)) {
    throw new UsageError(`Cannot read --shard ${text}: it is not K/N`, {
      hint: FORM,
    });
  }
  const shard = k === "auto"
    ? shardOfJob(n, env)
    : { index: Number(k) - 1, count: Number(n) };
  if (shard.index >= 0 && shard.index < shard.count) return shard;
  throw new UsageError(
    `Cannot use --shard ${text}: part ${
      shard.index + 1
    } of ${shard.count} does not exist`,
    { hint: FORM },
  );
}

/** `K/N`, with K from 1. */
export function shardText({ index, count }: Shard): string {
  return `${index + 1}/${count}`;
}

function shardOfJob(
  count: string | undefined,
  env: (name: string) => string | undefined,
): Shard {
  const number = (name: string) => {
    const text = env(name) ?? "";
    return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
  };
  const task = number("SLURM_ARRAY_TASK_ID");
  if (task !== undefined) {
    return {
      index: task - (number("SLURM_ARRAY_TASK_MIN") ?? 0),
      count: Number(count ?? need(number("SLURM_ARRAY_TASK_COUNT"))),
    };
  }
  const completion = number("JOB_COMPLETION_INDEX");
  if (completion !== undefined) {
    return {
      index: completion,
      count: Number(count ?? need(number("JOB_COMPLETIONS"))),
    };
  }
  throw new UsageError(
    "Cannot use --shard auto: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set",
    { hint: FORM },
  );
}

function need(count: number | undefined): number {
  if (count !== undefined) return count;
  throw new UsageError(
    "Cannot use --shard auto: the number of parts is not set",
    {
      hint: "Use --shard auto/N, or set JOB_COMPLETIONS=N",
    },
  );
}

/** The hosts of a part, in their order; may be empty. */
export function hostsOfShard(
  hosts: readonly Host[],
  { index, count }: Shard,
): Host[] {
  return hosts.filter(({ name }) => hashOf(name) % count === index);
}

/**
 * A 32-bit hash that must never change: FNV-1a over UTF-8, then the finalizer of
 * MurmurHash3, because the low bits of FNV alone are not uniform.
 */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

// Resolves the `@name` references of a pattern: to the lines of a file, or to the
// hosts of a recorded run, all of them or those with a status.
import { otherStatuses } from "../../console/lines/session_hosts.ts";
import { STATUSES } from "../../core/call/call.ts";
import { openRuns, type RunRecord } from "../../store/runs.ts";
import type { Context } from "../commands/context.ts";
import { UsageError } from "../process/exit_code.ts";
import { terminalKey } from "../process/terminal_key.ts";
import { readText } from "../options/named_files.ts";

/**
 * Reads references, given without their `@`: `last`, `last:failed`, `RUN:failed`
 * with a prefix of a run's id, or the name of a file.
 *
 * @throws {UsageError} when a file cannot be read, or no host matches.
 */
export async function readReferences(
  names: readonly string[],
  context: Context,
): Promise<Map<string, string[]>> {
  const references = new Map<string, string[]>();
  for (const name of names) {
    const run = await findRun(name);
    references.set(
      name,
      run === undefined
        ? (await readText(name, context)).split("\n")
        : hostsOf(run, name),
    );
  }
  return references;
}

/** The run that a reference names; undefined when it names a file. */
async function findRun(name: string): Promise<RunRecord | undefined> {
  const [, id, status] = /^(last|[0-9a-f]{4,8})(?::(.*))?$/.exec(name) ?? [];
  if (id === undefined) return undefined;
  if (id === "last") return await lastRun();
  if (status === undefined && await exists(name)) return undefined;
  return await (await openRuns()).find(id);
}

/** The last run of this terminal, so that no other terminal changes the choice. */
async function lastRun(): Promise<RunRecord> {
  const runs = await openRuns();
  const last = await runs.last({ terminal: terminalKey() });
  if (last !== undefined) return last;
  const other = await runs.last();
  throw new UsageError(
    other === undefined
      ? "Cannot choose hosts by @last: no run is recorded"
      : "Cannot choose hosts by @last: no run of this terminal is recorded",
    {
      hint: other === undefined
        ? "Run without --no-record first"
        : `Name a run of ftl runs list, such as @${other.id}`,
    },
  );
}

function hostsOf({ hosts }: RunRecord, name: string): string[] {
  const status = /:(.*)$/.exec(name)?.[1];
  if (status !== undefined && !STATUSES.some((each) => each === status)) {
    throw new UsageError(
      `Cannot choose hosts by @${name}: unknown status`,
      { hint: `Use one of ${STATUSES.join(", ")}` },
    );
  }
  const chosen = status === undefined
    ? Object.values(hosts).flat()
    : hosts[status] ?? [];
  if (chosen.length > 0) return [...chosen];
  throw new UsageError(
    `Cannot choose hosts by @${name}: no host of the ${
      name.startsWith("last") ? "last run" : "run"
    } has this status`,
    {
      hint: otherStatuses(
        Object.fromEntries(
          Object.entries(hosts).map(([status, names]) => [
            status,
            names.length,
          ]),
        ),
        name.split(":")[0]!,
      ),
    },
  );
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

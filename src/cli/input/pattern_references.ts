// What the `@name` references of a pattern stand for: the lines of a file, or
// hosts of the last run that was recorded, all of them or by their status.
import { STATUSES } from "../../output/summary.ts";
import { openRuns } from "../../store/runs.ts";
import type { Context } from "../commands/context.ts";
import { UsageError } from "../process/exit_code.ts";
import { readText } from "../options/named_files.ts";

/**
 * Reads references, given without their `@`.
 *
 * @throws {UsageError} when a file cannot be read, or there is no such run.
 */
export async function readReferences(
  names: readonly string[],
  context: Context,
): Promise<Map<string, string[]>> {
  const references = new Map<string, string[]>();
  for (const name of names) {
    const last = /^last(?::(.*))?$/.exec(name);
    references.set(
      name,
      last === null
        ? (await readText(name, context)).split("\n")
        : await hostsOfLastRun(last[1]),
    );
  }
  return references;
}

async function hostsOfLastRun(status: string | undefined): Promise<string[]> {
  if (status !== undefined && !STATUSES.some((each) => each === status)) {
    throw new UsageError(
      `Cannot choose hosts by @last:${status}: it is no status`,
      { hint: `There are ${STATUSES.join(", ")}` },
    );
  }
  const last = await (await openRuns()).last();
  if (last === undefined) {
    throw new UsageError("Cannot choose hosts by @last: no run was recorded", {
      hint: "Runs are recorded unless they are made with --no-record",
    });
  }
  const hosts = status === undefined
    ? Object.values(last.hosts).flat()
    : last.hosts[status] ?? [];
  if (hosts.length > 0) return [...hosts];
  throw new UsageError(
    `Cannot choose hosts by @last:${status}: the last run had none`,
    { hint: "To see what it had: ftl runs show" },
  );
}

// Resolves the `@name` references of a pattern: to the lines of a file, or to the
// hosts of the last recorded run, all of them or those with a status.
import { STATUSES } from "../../output/summary.ts";
import { openRuns } from "../../store/runs.ts";
import type { Context } from "../commands/context.ts";
import { UsageError } from "../process/exit_code.ts";
import { readText } from "../options/named_files.ts";

/**
 * Reads references, given without their `@`.
 *
 * @throws {UsageError} when a file cannot be read, or no host matches.
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
      `Cannot choose hosts by @last:${status}: unknown status`,
      { hint: `Use one of ${STATUSES.join(", ")}` },
    );
  }
  const last = await (await openRuns()).last();
  if (last === undefined) {
    throw new UsageError("Cannot choose hosts by @last: no run is recorded", {
      hint: "Run without --no-record first",
    });
  }
  const hosts = status === undefined
    ? Object.values(last.hosts).flat()
    : last.hosts[status] ?? [];
  if (hosts.length > 0) return [...hosts];
  throw new UsageError(
    `Cannot choose hosts by @last:${status}: the last run had no such host`,
    { hint: "See the last run with ftl runs show" },
  );
}

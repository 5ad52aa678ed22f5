// Tables of what happened in a chaos run.
import type { Report } from "./journal.ts";

/** How many reports there are of each kind and status. */
export function statusTable(reports: readonly Report[]): string {
  const counts = countBy(
    reports,
    ({ kind, status }) => `${kind.replace(/ of \d+$/, "")} ${status}`,
  );
  return table(counts);
}

/** How often each error was reported, without what differs from one to the next. */
export function errorTable(reports: readonly Report[]): string {
  const failed = reports.filter(({ error }) => error !== "");
  return table(countBy(failed, ({ status, error }) => {
    const text = error.replaceAll(/\b[0-9a-f]{12,}\b|\d+/g, "N")
      .replaceAll(/\b(?:\w+-)?hN\b/g, "HOST");
    return `${status}: ${text.slice(0, 300)}`;
  }));
}

/** Counts, sorted by name. */
export function table(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, count]) => `${String(count).padStart(7)}  ${name}`)
    .join("\n");
}

function countBy(
  reports: readonly Report[],
  key: (report: Report) => string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const report of reports) {
    counts[key(report)] = (counts[key(report)] ?? 0) + 1;
  }
  return counts;
}

// Writes the report of the doctor, as text and as JSON. Everything that came from
// a host is escaped.
import { createStyle, type Style } from "../../../output/style.ts";
import { escapeLine } from "../../../output/escape.ts";
import { VERSION } from "../../process/version.ts";
import { type Check, type CheckVerdict, count, worstOf } from "./check.ts";

/** The results of all checks. */
export interface Report {
  readonly checks: readonly Check[];
  readonly hosts: readonly HostReport[];
}

/** A host and its checks, in the order of connecting. */
export interface HostReport {
  readonly host: string;
  /** Whether a call could reach it. */
  readonly isReached: boolean;
  readonly checks: readonly Check[];
}

/** How a report is written. */
export interface ReportOptions {
  readonly color: boolean;
  /** Show the details of checks that are ok, too. */
  readonly verbose: boolean;
}

/** How many checks there are of each verdict. */
export function countVerdicts(report: Report): Record<CheckVerdict, number> {
  const counts = { ok: 0, warn: 0, fail: 0 };
  for (const { verdict } of everyCheck(report)) counts[verdict]++;
  return counts;
}

function everyCheck({ checks, hosts }: Report): Check[] {
  return [...checks, ...hosts.flatMap(({ checks }) => checks)];
}

/** A report as one JSON document. */
export function reportJson(report: Report): string {
  const hosts = report.hosts.map(({ host, checks }) => ({
    host,
    verdict: worstOf(checks),
    checks,
  }));
  const { checks } = report;
  const summary = countVerdicts(report);
  return JSON.stringify({ ftl: VERSION, checks, hosts, summary }, null, 2) +
    "\n";
}

/** A report as text. */
export function reportText(report: Report, options: ReportOptions): string {
  const style = createStyle(options.color);
  const write = { style, verbose: options.verbose };
  const { ok, warn, fail } = countVerdicts(report);
  return [
    ...linesOf(report.checks, write),
    ...report.hosts.flatMap(({ host, checks }) => [
      "",
      style.bold(escapeLine(host)),
      ...linesOf(checks, write).map((line) => `  ${line}`),
    ]),
    "",
    `${ok} ok, ${count(warn, "warning")}, ${fail} failed`,
  ].join("\n") + "\n";
}

function linesOf(
  checks: readonly Check[],
  { style, verbose }: { style: Style; verbose: boolean },
): string[] {
  const width = checks.reduce((max, { name }) => Math.max(max, name.length), 0);
  const indent = " ".repeat(width + 8);
  return checks.flatMap(
    ({ name, verdict, found, remedy, ms, details = [] }) => {
      const time = ms === undefined ? "" : ` (${ms} ms)`;
      return [
        `${painted(verdict, style)}  ${name.padEnd(width)}  ${
          escapeLine(found)
        }${time}`,
        ...remedy === undefined ? [] : [`${indent}${escapeLine(remedy)}`],
        // Problems are shown with all details, the rest only with -v.
        ...verbose || verdict !== "ok"
          ? details.map((line) => `${indent}- ${escapeLine(line)}`)
          : [],
      ];
    },
  );
}

function painted(verdict: CheckVerdict, style: Style): string {
  const word = verdict.padEnd(4);
  switch (verdict) {
    case "ok":
      return style.status("ok", word);
    case "warn":
      return style.status("changed", word);
    case "fail":
      return style.status("failed", word);
  }
}

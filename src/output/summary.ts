// The number of hosts by status, and the summary line.
import { type Status, STATUSES, type Summary } from "../core/call/call.ts";
import type { Style } from "./style.ts";

/** Whether a status is a failure. */
export function isFailure(status: Status): boolean {
  return STATUSES.indexOf(status) > STATUSES.indexOf("skipped");
}

/** The text of a status; in check mode nothing has changed yet. */
export function statusText(
  status: Status,
  { isCheck = false }: { isCheck?: boolean } = {},
): string {
  if (isCheck && status === "changed") return "would change";
  return status === "timed_out" ? "timed out" : status;
}

/** The counts that are not zero: `40 ok, 2 failed`. */
export function countsLine(
  summary: Summary,
  style: Style,
  { isCheck = false }: { isCheck?: boolean } = {},
): string {
  return STATUSES.filter((status) => summary[status] > 0)
    .map((status) =>
      style.status(
        status,
        `${summary[status]} ${statusText(status, { isCheck })}`,
      )
    )
    .join(", ");
}

/**
 * The last line of a run: `42 hosts: 40 ok, 2 failed in 1.2 s`. Hosts without a
 * result are counted too; only an interrupted run has any.
 */
export function summaryLine(
  summary: Summary,
  options: { durationMs: number; style: Style; isCheck?: boolean },
): string {
  const done = STATUSES.reduce((sum, status) => sum + summary[status], 0);
  const missing = summary.hosts - done;
  const counts = [
    countsLine(summary, options.style, options),
    missing > 0 ? `${missing} without a result` : "",
  ].filter((part) => part !== "").join(", ");
  const hosts = `${summary.hosts} ${summary.hosts === 1 ? "host" : "hosts"}`;
  return `${options.style.bold(hosts)}${counts === "" ? "" : `: ${counts}`}` +
    ` in ${durationText(options.durationMs)}`;
}

/** A duration for people: `12 ms`, `1.2 s`, `34 s`, `2 min 5 s`, `1 h 2 min`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A number of bytes for people: `12 B`, `1.2 kB`, `34 MB`. */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

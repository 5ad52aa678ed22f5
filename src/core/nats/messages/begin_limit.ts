// Until when the calls of a detached run may begin. Nobody watches such a run, so the
// limit is a signed part of its calls, which workers keep, and of its start, by which
// those who follow it give hosts up.
import { ConnectError } from "../../../errors.ts";
import { formatDuration } from "../../input/duration.ts";
import { MAX_CLOCK_SKEW_MS } from "../trust/signed.ts";
import type { MessageMembers } from "./message_members.ts";

/** A limit, by the clock of the sender. */
export interface BeginLimit {
  /** When the run was sent, in ms since 1970. */
  readonly sentAt: number;
  /** For how long calls may wait until they begin, in ms. */
  readonly withinMs: number;
}

/** @throws {FtlError} that names the member which is wrong. */
export function readBeginLimit(limit: MessageMembers): BeginLimit {
  return { sentAt: limit.count("sentAt"), withinMs: limit.count("withinMs") };
}

/**
 * Whether it is too late to begin, by the clock of the sender's machine.
 *
 * @param limit Default: it is never too late.
 */
export function isOver(limit: BeginLimit | undefined): boolean {
  return isPast(limit, 0);
}

/**
 * What becomes of a host that has not begun, by the clock of a worker's machine, which
 * may differ from the sender's by 60 s; undefined while it may begin.
 */
export function lateAtWorker(
  limit: BeginLimit | undefined,
): NotBegunInTime | undefined {
  if (limit === undefined || !isPast(limit, MAX_CLOCK_SKEW_MS)) {
    return undefined;
  }
  const clocks =
    `it was sent at ${timeOf(limit.sentAt)} by its sender's clock, ` +
    `and the worker's clock reads ${timeOf(Date.now())}`;
  return new NotBegunInTime(limit, clocks);
}

function isPast(limit: BeginLimit | undefined, skewMs: number): boolean {
  if (limit === undefined) return false;
  return Date.now() > limit.sentAt + limit.withinMs + skewMs;
}

function timeOf(ms: number): string {
  const date = new Date(ms);
  return isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

/** The error of a host whose call has not begun in time. */
export class NotBegunInTime extends ConnectError {
  /** @param why What else its user should know. */
  constructor({ withinMs }: BeginLimit, why?: string) {
    const message = `The call had not begun ${
      formatDuration(withinMs)
    } after it was sent, and was not started`;
    super(why === undefined ? message : `${message}: ${why}`, {
      phase: "start",
      hint:
        "Start ftl worker near the host, or wait longer with --worker-timeout",
    });
  }
}

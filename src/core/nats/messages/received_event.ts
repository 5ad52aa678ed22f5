// Checks what workers report, member by member, before it becomes part of a run: a
// worker may be hostile, or of another build. Data is copied into new objects, other
// members are dropped, and only the sender says which host a result is of.
import { type Phase, PHASES } from "../../../errors.ts";
import { isObject } from "../../../protocol/body.ts";
import type { Json, JsonObject } from "../../../protocol/message.ts";
import { parseUntrustedJson } from "../../../protocol/untrusted_json.ts";
import {
  type HostError,
  type HostResult,
  type Status,
  STATUSES,
} from "../../call/call.ts";
import type { RunEvent } from "../../call/run_event.ts";

const KINDS: readonly string[] = [
  "connect",
  "gate",
  "call",
] satisfies readonly HostError["kind"][];

/** The most characters in a message or a hint. */
const MAX_TEXT = 64 * 1024;

/** The most phases of one result; there are fewer. */
const MAX_PHASES = 32;

/**
 * Parses a line of a report.
 *
 * @throws {SyntaxError} when it is not an object of JSON, of bounded depth.
 */
export function parseReport(line: string): JsonObject {
  const value = parseUntrustedJson(line);
  if (isObject(value)) return value;
  throw new SyntaxError("Cannot read a report: it is not an object");
}

/**
 * Reads the result of a host.
 *
 * @param host The host that the sender expects it of.
 * @throws {SyntaxError} that names the missing or invalid member.
 */
export function readReceivedResult(
  value: JsonObject,
  host: string,
): HostResult {
  const { status, changed, rc, duration_ms, stdout, stderr } = value;
  if (!isOneOf(STATUSES, status)) throw invalid("status");
  if (typeof changed !== "boolean") throw invalid("changed");
  if (rc !== null && !Number.isSafeInteger(rc)) throw invalid("rc");
  if (!isDuration(duration_ms)) throw invalid("duration_ms");
  return {
    host,
    status: status as Status,
    changed,
    rc: rc as number | null,
    duration_ms,
    phases_ms: readPhases(value.phases_ms),
    result: readJson(value, "result"),
    ...stdout !== undefined && { stdout: readText(stdout, "stdout") },
    ...stderr !== undefined && { stderr: readText(stderr, "stderr") },
    error: readError(value.error),
  };
}

function readPhases(value: Json | undefined): Record<string, number> {
  if (value === undefined || !isObject(value)) throw invalid("phases_ms");
  const phases = Object.entries(value);
  const isWhole = phases.length <= MAX_PHASES &&
    phases.every(([name, ms]) =>
      /^[a-z][a-z_]{0,30}$/.test(name) && isDuration(ms)
    );
  if (!isWhole) throw invalid("phases_ms");
  return Object.fromEntries(phases) as Record<string, number>;
}

function readError(value: Json | undefined): HostError | null {
  if (value === null) return null;
  if (value === undefined || !isObject(value)) throw invalid("error");
  const { kind, phase, message, hint } = value;
  if (!isOneOf(KINDS, kind)) throw invalid("error.kind");
  if (!isOneOf(PHASES, phase)) throw invalid("error.phase");
  return {
    kind: kind as HostError["kind"],
    phase: phase as Phase,
    message: readText(message, "error.message", MAX_TEXT),
    hint: hint === null ? null : readText(hint, "error.hint", MAX_TEXT),
  };
}

/**
 * Reads another event of a host; undefined when the sender does not take events of
 * this kind from workers: a result has a message of its own, and only the sender
 * starts and ends a run.
 *
 * @param options `t`: when it arrived; `isOwn`: whether a host is in the run.
 */
export function readReceivedEvent(
  value: Json,
  { t, isOwn }: { t: number; isOwn: (host: string) => boolean },
): RunEvent | undefined {
  if (!isObject(value)) return undefined;
  const { event, host, phase, ms, stream, text, data } = value;
  if (typeof host !== "string" || !isOwn(host)) return undefined;
  switch (event) {
    case "host_phase":
      if (!isOneOf(PHASES, phase) || !isDuration(ms)) return undefined;
      return { event, t, host, phase: phase as Phase, ms };
    case "output": {
      const isStream = stream === "stdout" || stream === "stderr";
      if (!isStream || typeof text !== "string") return undefined;
      return { event, t, host, stream, text };
    }
    case "progress":
      return data === undefined ? undefined : { event, t, host, data };
    default:
      return undefined;
  }
}

/** What a line says of the call's arguments; undefined when it is another event. */
export function readLearned(line: string): JsonObject | undefined {
  if (!line.includes('"learned"')) return undefined;
  try {
    const { event, args } = parseReport(line);
    return event === "learned" && isObject(args) ? args : undefined;
  } catch {
    return undefined;
  }
}

/** Reads an event in a line of a report; undefined when it says nothing. */
export function readEventLine(
  line: string,
  options: Parameters<typeof readReceivedEvent>[1],
): RunEvent | undefined {
  try {
    return readReceivedEvent(parseReport(line), options);
  } catch {
    return undefined; // results are what counts
  }
}

function isOneOf(names: readonly string[], value: Json | undefined): boolean {
  return typeof value === "string" && names.includes(value);
}

function isDuration(value: Json | undefined): value is number {
  return typeof value === "number" && value >= 0 && value <= 1e15;
}

function readText(
  value: Json | undefined,
  name: string,
  most = Infinity,
): string {
  if (typeof value === "string" && value.length <= most) return value;
  throw invalid(name);
}

function readJson(value: JsonObject, name: string): Json {
  const member = value[name];
  if (member === undefined) throw invalid(name);
  return member;
}

function invalid(name: string): SyntaxError {
  return new SyntaxError(`Cannot read a report: its member ${name} is invalid`);
}

// Judges how a call ended on one host: turns a gate's reply, or the error that
// came instead, into the one HostResult. The rules for a status are those of
// Ansible's TaskExecutor.
import {
  ConnectError,
  FtlError,
  GateError,
  hintText,
  messageOf,
  OverdueError,
} from "../../errors.ts";
import { ExactNumber, isNumber } from "../../json/exact_number.ts";
import { isObject } from "../../protocol/body.ts";
import type {
  HelloData,
  Json,
  JsonObject,
  Reply,
  ResultData,
} from "../../protocol/message.ts";
import type { HostError, HostResult, Status } from "../call/call.ts";
import { type ModuleOutput, readModuleOutput } from "./module_output.ts";

/** The parts of a result that do not come from the reply. */
export interface CallContext {
  host: string;
  duration_ms: number;
  phases_ms: Record<string, number>;
}

/** A new context for a host, without times so far. */
export function untimed(host: string): CallContext {
  return { host, duration_ms: 0, phases_ms: {} };
}

/** Judges the reply to a call. */
export function judge(reply: Reply, callContext: CallContext): HostResult {
  if (reply.type === "Result") return judgeResult(reply.data, callContext);
  const message = reply.type === "Error"
    ? reply.data.message
    : `The gate answered a call with ${reply.type}`;
  return { ...blank("failed", callContext), error: callFailure(message) };
}

/** Judges an object of ftl's own as if a module had printed it. */
export function judgeObject(
  value: JsonObject,
  callContext: CallContext,
): HostResult {
  const rc = isNumber(value.rc) ? Number(value.rc) : null;
  const data: ResultData = {
    state: "ended",
    ...{ rc: 0, signal: null, stdout: "", stderr: "", duration_ms: 0 },
    cut: { stdout: 0, stderr: 0 },
    value,
  };
  return { ...judgeResult(data, callContext), rc };
}

/**
 * Judges the error that came instead of a reply. A call may have taken effect on
 * a host that was lost during it; the message says so.
 */
export function judgeError(
  error: unknown,
  callContext: CallContext,
): HostResult {
  if (error instanceof OverdueError) {
    return judgeOverdue(callContext, error.message, error.hint);
  }
  const failure: HostError = {
    kind: "call",
    phase: "call",
    message: messageOf(error),
    hint: error instanceof FtlError ? error.hint ?? null : null,
  };
  if (!(error instanceof ConnectError || error instanceof GateError)) {
    return { ...blank("failed", callContext), error: failure };
  }
  failure.kind = error instanceof ConnectError ? "connect" : "gate";
  failure.phase = error.phase;
  if (error.phase === "call") {
    failure.message += "; the call may have taken effect";
  }
  return { ...blank("unreachable", callContext), error: failure };
}

/** Why a cancelled call has no result, when its end is unknown. */
export const CANCELLED_LATE =
  "The host did not confirm the end of the call in time; it may have taken effect";

/** Why a call that was cancelled in time has no result. */
export const CANCELLED_EARLY = "The run was cancelled before the call began";

/** The result of a call that was cancelled. */
export function judgeCancelled(
  callContext: CallContext,
  message = CANCELLED_EARLY,
): HostResult {
  return { ...blank("cancelled", callContext), error: callFailure(message) };
}

/** The result of a call that did not end by its deadline. */
export function judgeOverdue(
  callContext: CallContext,
  message: string,
  hint = "Check the host: the call may still be running there",
): HostResult {
  return {
    ...blank("timed_out", callContext),
    error: callFailure(message, hint),
  };
}

/** The result of a call that was not made, with the reason. */
export function judgeSkipped(
  callContext: CallContext,
  reason: string,
): HostResult {
  return {
    ...blank("skipped", callContext),
    result: { skipped: true, msg: reason },
  };
}

function judgeResult(data: ResultData, callContext: CallContext): HostResult {
  if (data.state === "skipped") {
    return judgeSkipped(
      callContext,
      data.reason ?? "The gate skipped the call",
    );
  }
  const output = readOutput(data);
  const object = output.object === null
    ? null
    : withWarning(shownMembers(output.object), output.count);
  const result: HostResult = {
    ...blank("ok", callContext),
    rc: data.rc,
    result: object,
    ...shown("stdout", output.rest, data.cut.stdout),
    ...shown("stderr", data.stderr, data.cut.stderr),
  };
  if (data.state !== "ended") {
    const left = data.left?.length ? `; still running: ${data.left}` : "";
    return {
      ...result,
      status: data.state,
      error: callFailure(
        (data.reason ?? "The gate gave no reason") + left,
      ),
    };
  }
  if (isTrue(output.object?.unreachable)) {
    return {
      ...result,
      status: "unreachable",
      changed: isTrue(output.object?.changed),
    };
  }
  const fault = findFault(data, output);
  if (fault !== undefined) {
    return {
      ...result,
      status: "failed",
      changed: isTrue(output.object?.changed),
      error: fault === "" ? null : callFailure(fault, hintFor(fault, data)),
    };
  }
  const changed = isTrue(output.object?.changed);
  const skipped = isTrue(output.object?.skipped);
  const status: Status = skipped ? "skipped" : changed ? "changed" : "ok";
  return { ...result, status, changed };
}

/** What to do about output that was cut. */
const MORE_OUTPUT = "Keep more of it with `maxOutput`, or print less";

/** What a system says when a write does not fit: ENOSPC and EDQUOT. */
const DISK_IS_FULL = /No space left on device|Disk quota exceeded/;

function hintFor(fault: string, data: ResultData): string | null {
  if (fault === tooMuch(data)) return hintText(MORE_OUTPUT);
  return DISK_IS_FULL.test(data.stderr)
    ? "Free space on the host: a disk there is full"
    : null;
}

function tooMuch({ cut }: ResultData): string {
  return `The module printed too much: ${cut.stdout} bytes of its output were ` +
    "left out, and its result with them";
}

/**
 * Why a call that ended has failed: a message, "" when its result holds the
 * reason, undefined when the call succeeded.
 */
function findFault(
  data: ResultData,
  { object, fault }: ModuleOutput,
): string | undefined {
  if (data.signal !== null) {
    return `The module was killed by signal ${data.signal}`;
  }
  if (data.exception !== undefined) return "";
  if (data.value === undefined && data.cut.stdout > 0) {
    return tooMuch(data);
  }
  if (object === null) {
    const what = fault === undefined
      ? "The module printed no JSON object"
      : `The module printed broken JSON (${fault})`;
    return data.rc === 0 ? what : `${what} and ended with status ${data.rc}`;
  }
  if (Object.hasOwn(object, "failed")) {
    return isTrue(object.failed) ? "" : undefined;
  }
  // Ansible's rule: an `rc` that is neither 0 nor "0" is a failure.
  if (Object.hasOwn(object, "rc") && !isZero(object.rc)) return "";
  return data.rc === 0
    ? undefined
    : `The module ended with status ${data.rc} and no "failed" in its result`;
}

/** The result object: a native module's value or exception, or what was printed. */
function readOutput(data: ResultData): ModuleOutput {
  if (data.exception !== undefined) {
    const { type, message, traceback } = data.exception;
    const msg = message === "" ? type : `${type}: ${message}`;
    return {
      object: { failed: true, msg, exception: traceback },
      rest: data.stdout,
      count: 1,
    };
  }
  if (data.value === undefined) {
    return data.cut.stdout === 0
      ? readModuleOutput(data.stdout)
      : { object: null, rest: data.stdout, count: 0 };
  }
  const { value } = data;
  return {
    object: isObject(value) ? value : { value },
    rest: data.stdout,
    count: 1,
  };
}

/** The members of a result that are for people, as Ansible chooses them. */
function shownMembers(object: JsonObject): JsonObject {
  return without(object, (key) => key.startsWith("_ansible_"));
}

/** Reports more than one object in what a module printed. */
function withWarning(object: JsonObject, count: number): JsonObject {
  if (count < 2) return object;
  const others = Array.isArray(object.warnings) ? object.warnings : [];
  const warning = `The module printed ${count} JSON objects; the last one is ` +
    "its result";
  return { ...object, warnings: [...others, warning] };
}

/** The result of a host whose gate is open. */
export function judgeOpened(
  { python }: HelloData,
  callContext: CallContext,
): HostResult {
  return { ...blank("ok", callContext), result: { python } };
}

/** A result without `invocation`, the arguments as the module understood them. */
export function withoutInvocation(result: HostResult): HostResult {
  const object = result.result;
  if (!isObject(object) || !Object.hasOwn(object, "invocation")) return result;
  return { ...result, result: without(object, (key) => key === "invocation") };
}

/** An object without some keys; `fromEntries` keeps `__proto__` a plain member. */
function without(
  object: JsonObject,
  isLeftOut: (key: string) => boolean,
): JsonObject {
  // Most objects have no such key, and a copy of many members is slow.
  if (!Object.keys(object).some(isLeftOut)) return object;
  return Object.fromEntries(
    Object.entries(object).filter(([key]) => !isLeftOut(key)),
  );
}

function shown(
  name: "stdout" | "stderr",
  text: string,
  cut: number,
): Partial<Record<"stdout" | "stderr", string>> {
  if (text === "" && cut === 0) return {};
  return { [name]: cut === 0 ? text : text + cutMark(cut) };
}

/** The text in place of bytes that were left out. */
export function cutMark(bytes: number): string {
  return `\n[${bytes} bytes more were left out]\n`;
}

/** Whether Ansible takes an `rc` for success: Python's False equals 0. */
function isZero(value: Json | undefined): boolean {
  return value === "0" || value === false ||
    (isNumber(value) && Number(value) === 0);
}

/** Whether Python takes a JSON value for true. */
function isTrue(value: Json | undefined): boolean {
  if (value instanceof ExactNumber) return Number(value) !== 0;
  if (typeof value === "object" && value !== null) {
    return Object.keys(value).length > 0;
  }
  return Boolean(value);
}

function callFailure(message: string, hint: string | null = null): HostError {
  return { kind: "call", phase: "call", message, hint };
}

function blank(status: Status, callContext: CallContext): HostResult {
  return {
    host: callContext.host,
    status,
    changed: false,
    rc: null,
    duration_ms: callContext.duration_ms,
    phases_ms: callContext.phases_ms,
    result: null,
    error: null,
  };
}

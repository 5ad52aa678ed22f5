// Checks a gate's replies member by member. A host is not trusted: its data is
// copied into new objects, members that the protocol does not define are dropped,
// and no key that a host chose is used as an index.
import { isNumber } from "../json/exact_number.ts";
import { isCount, isObject } from "./body.ts";
import { MAX_STDERR, MOST_STDOUT } from "./limits.ts";
import type {
  CallEvent,
  ErrorData,
  GateData,
  HelloData,
  InfoData,
  Json,
  JsonObject,
  Reply,
  ResultData,
} from "./message.ts";

/** The most characters in a message, a name or a path. */
const MAX_TEXT = 64 * 1024;

const STATES = ["ended", "timed_out", "cancelled", "skipped"] as const;
const KINDS = [
  "bad_message",
  "no_module",
  "no_pack",
  "bad_pack",
  "module",
] as const;

/**
 * Reads a final reply; undefined when the type is not that of a final reply.
 *
 * @throws {SyntaxError} that names the missing or invalid member.
 */
export function readReply(type: string, data: JsonObject): Reply | undefined {
  switch (type) {
    case "Result":
      return { type, data: readResult(data) };
    case "Stored":
      return { type, data: { sha256: readHash(data, "sha256") } };
    case "Pong":
    case "Goodbye":
      return { type, data: {} };
    case "Info":
      return { type, data: readInfo(data) };
    case "Error":
      return { type, data: readError(data) };
    default:
      return undefined;
  }
}

/**
 * Reads an event of a call; undefined when the type is not that of an event.
 *
 * @throws {SyntaxError} that names the missing or invalid member.
 */
export function readEvent(
  type: string,
  data: JsonObject,
): CallEvent | undefined {
  if (type === "Output") {
    const stream = readWord(data, "stream", ["stdout", "stderr"]);
    return { type, data: { stream, text: readText(data, "text", Infinity) } };
  }
  if (type !== "Progress") return undefined;
  if (data.data === undefined) throw wrong("data", "missing");
  return { type, data: { data: data.data } };
}

/**
 * Reads a `Hello` of v2. The caller has checked that it is one: it has `gate`,
 * and our nonce.
 *
 * @throws {SyntaxError} that names the missing or invalid member.
 */
export function readHello(data: JsonObject, nonce: string): HelloData {
  if (data.ftl !== 2) throw wrong("ftl", "not 2");
  return { ftl: 2, nonce, ...readGate(data) };
}

function readGate(data: JsonObject): GateData {
  return {
    gate: data.gate === "" ? "" : readHash(data, "gate"),
    python: readText(data, "python"),
    executable: readText(data, "executable"),
    platform: readText(data, "platform"),
    pid: readCount(data, "pid"),
    uid: readCount(data, "uid"),
    folder: data.folder === null ? null : readText(data, "folder"),
    packs: readList(data, "packs", isHash, "hashes"),
  };
}

function readInfo(data: JsonObject): InfoData {
  return {
    ...readGate(data),
    calls: readCount(data, "calls"),
    running: readCount(data, "running"),
    waiting: readCount(data, "waiting"),
    modules: readList(data, "modules", isText, "strings"),
  };
}

function readError(data: JsonObject): ErrorData {
  return {
    kind: readWord(data, "kind", KINDS),
    message: readText(data, "message"),
  };
}

function readResult(data: JsonObject): ResultData {
  const result: ResultData = {
    state: readWord(data, "state", STATES),
    rc: readCountOrNull(data, "rc"),
    signal: readCountOrNull(data, "signal"),
    stdout: readText(data, "stdout", MOST_STDOUT),
    stderr: readText(data, "stderr", MAX_STDERR),
    cut: { stdout: 0, stderr: 0 },
    duration_ms: readDuration(data),
  };
  const { cut, exception } = data;
  if (!isObject(cut)) throw wrong("cut", "not an object");
  result.cut.stdout = readCount(cut, "stdout");
  result.cut.stderr = readCount(cut, "stderr");
  if (data.value !== undefined) result.value = data.value;
  if (exception !== undefined) {
    if (!isObject(exception)) throw wrong("exception", "not an object");
    result.exception = {
      type: readText(exception, "type"),
      message: readText(exception, "message", MAX_STDERR),
      traceback: readText(exception, "traceback", MAX_STDERR),
    };
  }
  if (data.reason !== undefined) result.reason = readText(data, "reason");
  if (data.left !== undefined) {
    result.left = readList(data, "left", isCount, "process ids");
  }
  return result;
}

function readText(
  data: JsonObject,
  member: string,
  most: number = MAX_TEXT,
): string {
  const value = data[member];
  if (typeof value !== "string") throw wrong(member, "not a string");
  if (value.length > most) {
    throw wrong(member, `longer than ${most} characters`);
  }
  return value;
}

function readWord<const W extends string>(
  data: JsonObject,
  member: string,
  words: readonly W[],
): W {
  const word = words.find((each) => each === data[member]);
  if (word === undefined) throw wrong(member, `not one of ${words.join(", ")}`);
  return word;
}

function readCount(data: JsonObject, member: string): number {
  const value = data[member];
  if (!isCount(value)) throw wrong(member, "not a whole number");
  return value;
}

function readCountOrNull(data: JsonObject, member: string): number | null {
  return data[member] === null ? null : readCount(data, member);
}

function readDuration(data: JsonObject): number {
  // Python writes 12.0.
  const value = isNumber(data.duration_ms) ? Number(data.duration_ms) : NaN;
  if (!(value >= 0 && value < Infinity)) {
    throw wrong("duration_ms", "not a duration");
  }
  return value;
}

function readHash(data: JsonObject, member: string): string {
  const value = data[member];
  if (!isHash(value)) throw wrong(member, "not a SHA-256");
  return value;
}

function readList<T extends Json>(
  data: JsonObject,
  member: string,
  holds: (value: Json) => value is T,
  what: string,
): T[] {
  const value = data[member];
  if (!Array.isArray(value) || !value.every(holds)) {
    throw wrong(member, `not a list of ${what}`);
  }
  return value;
}

function isHash(value: Json | undefined): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function isText(value: Json): value is string {
  return typeof value === "string";
}

function wrong(member: string, how: string): SyntaxError {
  return new SyntaxError(`Cannot read a message: its \`${member}\` is ${how}`);
}

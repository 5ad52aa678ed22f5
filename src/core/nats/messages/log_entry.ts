// An entry of a log: which hosts begin, and what became of others, many in one message.
// An entry has a note that all workers read, and a body for the readers of the run,
// which is sealed where the sender has a key:
//
//   length of the note (4, big endian) | note | packed body (nats_bodies.ts)
//
// The body is lines of JSON: the head, a line for each result that the head names, and
// the lines of other events. So a host whose result cannot be read spoils no other one.
import { FtlError } from "../../../errors.ts";
import { joinBytes } from "../../../join_bytes.ts";
import { encodeNats } from "../server/encode_nats.ts";
import { MAX_LOG_HOSTS } from "./log_plan.ts";
import { MessageMembers } from "./message_members.ts";
import { isWorkerName } from "./sent_call.ts";

/** What workers need to know of each other's entries. */
export interface LogNote {
  /** The process that wrote it. */
  readonly id: string;
  /** Tells entries from each other. */
  readonly entry: string;
  /** Hosts that begin. */
  readonly begin: readonly number[];
  /** Hosts that have a result now. */
  readonly done: readonly number[];
}

/** What is new about some hosts. */
export interface LogDraft {
  readonly begin?: readonly number[];
  /** Hosts whose worker is gone, so that their calls may have taken effect. */
  readonly lost?: readonly number[];
  /** Results as JSON, without `host`. */
  readonly results?: readonly LogLine[];
  /** Events as JSON; they came before the results. */
  readonly events?: readonly string[];
}

/** The result of a host, as JSON. */
export interface LogLine {
  readonly index: number;
  readonly text: string;
}

/** The worker, or the sender, that writes. */
export interface LogWriter {
  /** The worker's name, and the id of its process. */
  readonly worker: string;
  readonly id: string;
}

/** An entry as its readers see it. */
export interface LogEntry extends LogWriter, Required<LogDraft> {
  /** A message with the lines of its results and events, where they are many bytes. */
  readonly apart: Uint8Array | undefined;
}

/** More bytes than that go into a message of their own. */
export const MAX_LINES_BYTES = 256 * 1024;
/** The most events of one entry; others say nothing. */
export const MAX_ENTRY_EVENTS = 100_000;
/** The longest head: one with a small message in it has some 700 KiB. */
const MAX_HEAD_BYTES = 1024 ** 2;
/** The longest note: one of the most hosts has some hundred bytes. */
const MAX_NOTE_BYTES = 16 * 1024;
/** The most characters of an id. */
const MAX_ID = 200;
const NEWLINE = 10;

/** Makes the bytes of an entry. */
export async function encodeEntry(
  draft: LogDraft,
  { writer, entry, pack }: {
    writer: LogWriter;
    entry: string;
    pack: (body: Uint8Array) => Promise<Uint8Array>;
  },
): Promise<Uint8Array> {
  const { begin = [], lost = [], results = [], events = [] } = draft;
  const named = results.map(({ index }) => index);
  const { worker, id } = writer;
  const note: LogNote = { id, entry, begin, done: [...named, ...lost] };
  const noted = encodeNats(note);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, noted.length);
  const head = { worker, id, begin, lost, results: named };
  const lines = [...results.map(({ text }) => text), ...events];
  const bytes = lines.reduce((sum, text) => sum + text.length, 0);
  const body = bytes <= MAX_LINES_BYTES
    ? linesOf([JSON.stringify(head), ...lines])
    : encodeNats({ ...head, apart: (await pack(linesOf(lines))).toBase64() });
  return joinBytes([length, noted, await pack(body)]);
}

function linesOf(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(texts.join("\n"));
}

/**
 * The packed body of an entry.
 *
 * @throws {FtlError} when it was cut.
 */
export function bodyOfEntry(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(4 + noteLength(bytes));
}

/**
 * The note of an entry, which nobody vouches for.
 *
 * @throws {FtlError} that names what is wrong.
 */
export function readNote(bytes: Uint8Array): LogNote {
  const length = noteLength(bytes);
  const note = MessageMembers.parse(bytes.subarray(4, 4 + length));
  return {
    id: idIn(note, "id"),
    entry: idIn(note, "entry"),
    begin: note.counts("begin"),
    done: note.counts("done"),
  };
}

function noteLength(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  const noted = length < 4
    ? Infinity
    : new DataView(buffer, byteOffset, length).getUint32(0);
  if (noted <= Math.min(length - 4, MAX_NOTE_BYTES)) return noted;
  throw new FtlError("Cannot read a log of the run: an entry was cut");
}

/**
 * Reads the body of an entry, which a hostile worker may have made. Its results and
 * events are not looked at.
 *
 * @throws {FtlError} that names what is wrong.
 */
export function readLogEntry(body: Uint8Array): LogEntry {
  const end = body.indexOf(NEWLINE);
  const first = end < 0 ? body : body.subarray(0, end);
  if (first.length > MAX_HEAD_BYTES) {
    throw new FtlError("Cannot read a log of the run: a head is too long");
  }
  const head = MessageMembers.parse(first);
  const named = hostsIn(head, "results");
  const { apart } = head.optional(
    "apart",
    (name) => bytesOf(head.text(name)),
  );
  const rest = end < 0 ? undefined : body.subarray(end + 1);
  return {
    worker: head.fitting("worker", "the name of a worker", isWorkerName),
    id: idIn(head, "id"),
    begin: hostsIn(head, "begin"),
    lost: hostsIn(head, "lost"),
    apart,
    ...splitLines(named, rest),
  };
}

/** An entry with the lines that are in a message of their own. */
export function withLines(entry: LogEntry, lines: Uint8Array): LogEntry {
  const named = entry.results.map(({ index }) => index);
  return { ...entry, ...splitLines(named, lines) };
}

/** A result that is missing is an empty text. */
function splitLines(
  named: readonly number[],
  bytes: Uint8Array | undefined,
): Pick<LogEntry, "results" | "events"> {
  // No more texts are made than count, however many lines there are.
  const most = named.length + MAX_ENTRY_EVENTS;
  const texts = bytes === undefined ? [] : decode(bytes).split("\n", most);
  return {
    results: named.map((index, i) => ({ index, text: texts[i] ?? "" })),
    events: texts.slice(named.length),
  };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FtlError("Cannot read a log of the run: it is not UTF-8");
  }
}

/** Hosts of one log. */
function hostsIn(head: MessageMembers, name: string): number[] {
  const hosts = head.counts(name);
  if (hosts.length <= MAX_LOG_HOSTS) return hosts;
  throw new FtlError(
    `Cannot read a log of the run: ${name} has more hosts than a log`,
  );
}

function idIn(members: MessageMembers, name: string): string {
  return members.fitting(
    name,
    "a short text",
    (text) => text.length <= MAX_ID,
  );
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    throw new FtlError("Cannot read a log of the run: it is not base64");
  }
}

// Reads what a host reports about paths, as untrusted data.
import { CallError } from "../../errors.ts";

/** What is at a path. `folder link`: a link that leads to a folder. */
export type EntryKind =
  | "file"
  | "folder"
  | "link"
  | "folder link"
  | "other"
  | "nothing";

/** A path on a host. */
export interface HostEntry {
  readonly kind: EntryKind;
  /** In bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** In seconds since 1970. */
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  /** The target of a link, as it is written in the link; empty if not UTF-8. */
  readonly target: string;
  /** Whether an access control list may let others write to it. */
  readonly hasList: boolean;
}

const KINDS: Readonly<Record<string, EntryKind>> = {
  f: "file",
  d: "folder",
  l: "link",
  D: "folder link",
  o: "other",
  "-": "nothing",
};

/** The entry of a path that does not exist. */
export const NOTHING: HostEntry = {
  kind: "nothing",
  size: 0,
  mode: 0,
  mtime: 0,
  uid: 0,
  gid: 0,
  target: "",
  hasList: false,
};

/** Reads the parts of an answer in order. */
export class AnswerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  line(): string {
    return this.#until(0x0a);
  }

  /** A string that ends with NUL; undefined when it is not UTF-8. */
  word(): string | undefined {
    const bytes = this.#bytesUntil(0);
    try {
      return utf8.decode(bytes);
    } catch {
      return undefined;
    }
  }

  /** A text that ends with NUL, as people see it: `\xff` for what is not UTF-8. */
  escapedWord(): { word: string | undefined; shown: string } {
    const from = this.#at;
    const word = this.word();
    const bytes = this.#bytes.subarray(from, this.#at - 1);
    return { word, shown: word ?? escapeBytes(bytes) };
  }

  /** The rest of the answer. */
  text(): string {
    const rest = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return loose.decode(rest);
  }

  /** A line of kinds, at most `most`. */
  kinds(most: number): EntryKind[] {
    const line = this.line();
    if (line.length > most) confused();
    return Array.from(line, (sign) => KINDS[sign] ?? confused());
  }

  /** A line that `st` prints for a file. */
  stat(): HostEntry {
    return { ...readStat(this.line()), kind: "file" };
  }

  /** The output of `SURVEY` for a batch of at most `most` paths. */
  survey(most: number): HostEntry[] {
    const kinds = this.kinds(most);
    const hasList = this.line() !== "-";
    const entries = kinds.map((kind) =>
      kind === "nothing" ? NOTHING : { ...readStat(this.line()), kind, hasList }
    );
    return entries.map((entry) =>
      entry.kind === "link" || entry.kind === "folder link"
        ? { ...entry, target: (this.word() ?? "").replace(/\n$/, "") }
        : entry
    );
  }

  #until(end: number): string {
    return loose.decode(this.#bytesUntil(end));
  }

  #bytesUntil(end: number): Uint8Array {
    const to = this.#bytes.indexOf(end, this.#at);
    if (to < 0) confused();
    const bytes = this.#bytes.subarray(this.#at, to);
    this.#at = to + 1;
    return bytes;
  }
}

/** ASCII as it is, and other bytes as `\xff`. */
function escapeBytes(bytes: Uint8Array): string {
  return Array.from(
    bytes,
    (byte) =>
      byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const loose = new TextDecoder();

/** Reads a line that `st` prints. */
export function readStat(line: string): HostEntry {
  const found =
    /^([0-9a-f]{1,8}) (\d{1,15}) (-?\d{1,12}) (\d{1,10}) (\d{1,10})$/
      .exec(line);
  if (found === null) confused();
  const [, mode, size, mtime, uid, gid] = found;
  return {
    ...NOTHING,
    mode: parseInt(mode!, 16) & 0o7777,
    size: Number(size),
    mtime: Number(mtime),
    uid: Number(uid),
    gid: Number(gid),
  };
}

/**
 * Whether only root and we can change a folder. A group with the number of the
 * owner counts as that user's private group.
 */
export function isOurs(
  { mode, uid, gid, hasList }: HostEntry,
  ourUid: number,
): boolean {
  const isShared = (mode & 0o020) !== 0 &&
    (hasList || gid !== uid && gid !== 0);
  return (uid === 0 || uid === ourUid) && (mode & 0o002) === 0 && !isShared;
}

/** The checksums that `hs` prints, in the order of its files. */
export function readSums(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const sum = /^\\?([0-9a-f]{64})\b/.exec(line)?.[1];
    return sum === undefined ? [] : [sum];
  });
}

function confused(): never {
  throw new CallError(
    "Cannot read the host's listing: its format is invalid; files may have " +
      "changed in the meantime",
  );
}

// Reads the files of a tar archive from an untrusted stream. The caller must check
// names and sizes; only one header is kept in memory. Supports ustar and pax of
// POSIX, GNU's long names, and several archives in a row.
import { CallError } from "../../errors.ts";
import { BLOCK } from "./tar_writer.ts";

/** A file in an archive. */
export interface TarFile {
  readonly name: string;
  readonly size: number;
  /** The number in the last group block before it. */
  readonly group: number | undefined;
  /** The name of the first file, for a hard link. */
  readonly sameAs: string | undefined;
  /** Must be read to its end before the next file. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** The source of the bytes. */
export interface TarInput {
  /** The next bytes; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Puts back the bytes after the archive. */
  unread(bytes: Uint8Array): void;
}

/** The most bytes of a long name or a pax header. */
const MAX_TEXT = 64 * 1024;
/** Starts no header, because no name that we send starts with it. */
const NEWLINE = 0x0a;
/** Starts the block of a group; no name that we send starts with it. */
const GROUP = 0x23;

/** The files of archives that end with a newline. */
export async function* readTar(
  input: TarInput,
): AsyncGenerator<TarFile, void> {
  const blocks = new Blocks(input);
  let longName: string | undefined;
  let longLink: string | undefined;
  let longSize: number | undefined;
  let group: number | undefined;
  while (await blocks.peek() !== NEWLINE) {
    const header = await blocks.take(BLOCK);
    if (header.every((byte) => byte === 0)) continue;
    if (header[0] === GROUP) {
      group = wholeNumber(textIn(header, 1, BLOCK - 1).trim());
      continue;
    }
    checkSum(header);
    const type = String.fromCharCode(header[156]!);
    const size = longSize ?? numberIn(header, 124, 12);
    if ("LKxg".includes(type)) {
      if (size > MAX_TEXT) throw damaged();
      const bytes = await blocks.take(size);
      await blocks.take(paddingOf(size));
      if (type === "L") longName = textIn(bytes, 0, size);
      else if (type === "K") longLink = textIn(bytes, 0, size);
      else if (type === "x") {
        const records = paxRecords(bytes);
        longName = records.get("path") ?? longName;
        longLink = records.get("linkpath") ?? longLink;
        const given = records.get("size");
        if (given !== undefined) longSize = wholeNumber(given);
      }
      continue;
    }
    const isSame = type === "1";
    if (!isSame && type !== "0" && type !== "\0" && type !== "7") {
      throw new CallError(
        "Cannot read the host's archive: a member is not a regular file",
      );
    }
    const name = longName ?? nameIn(header);
    const sameAs = isSame ? longLink ?? textIn(header, 157, 100) : undefined;
    [longName, longLink, longSize] = [undefined, undefined, undefined];
    const length = isSame ? 0 : size;
    let left = length;
    const content = async function* () {
      while (left > 0) {
        const chunk = await blocks.some(left);
        left -= chunk.length;
        yield chunk;
      }
    };
    yield { name, size: length, group, sameAs, content: content() };
    if (left > 0) throw new TypeError("A file of the archive was not read");
    await blocks.take(paddingOf(length));
  }
  blocks.giveBack();
}

/** Cuts a stream of chunks into pieces of other lengths. */
class Blocks {
  readonly #input: TarInput;
  #bytes: Uint8Array = new Uint8Array();

  constructor(input: TarInput) {
    this.#input = input;
  }

  /** The next byte, without taking it. */
  async peek(): Promise<number> {
    while (this.#bytes.length === 0) this.#bytes = await this.#more();
    return this.#bytes[0]!;
  }

  /** Takes at least one byte, and at most `most`. */
  async some(most: number): Promise<Uint8Array> {
    await this.peek();
    const some = this.#bytes.subarray(0, most);
    this.#bytes = this.#bytes.subarray(some.length);
    return some;
  }

  async take(length: number): Promise<Uint8Array> {
    if (this.#bytes.length >= length) {
      const taken = this.#bytes.subarray(0, length);
      this.#bytes = this.#bytes.subarray(length);
      return taken;
    }
    const taken = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const some = await this.some(length - at);
      taken.set(some, at);
      at += some.length;
    }
    return taken;
  }

  giveBack(): void {
    this.#input.unread(this.#bytes);
  }

  async #more(): Promise<Uint8Array> {
    const more = await this.#input.read();
    if (more === undefined) throw damaged();
    return more;
  }
}

function paddingOf(size: number): number {
  return (BLOCK - size % BLOCK) % BLOCK;
}

function checkSum(header: Uint8Array): void {
  let sum = 0;
  for (const [at, byte] of header.entries()) {
    sum += at >= 148 && at < 156 ? 0x20 : byte;
  }
  if (sum !== numberIn(header, 148, 8)) throw damaged();
}

/** A number in octal, or in base 256 when the first bit is set. */
function numberIn(block: Uint8Array, at: number, length: number): number {
  const field = block.subarray(at, at + length);
  if (field[0]! === 0x80) {
    const value = field.subarray(1).reduce((all, byte) => all * 256 + byte, 0);
    if (!Number.isSafeInteger(value)) throw damaged();
    return value;
  }
  const text = textIn(field, 0, length).trim();
  if (!/^[0-7]{1,12}$/.test(text)) throw damaged();
  return parseInt(text, 8);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw damaged();
  return Number(text);
}

function nameIn(header: Uint8Array): string {
  const name = textIn(header, 0, 100);
  const isUstar = textIn(header, 257, 6) === "ustar" && header[263] === 0x30;
  const prefix = isUstar ? textIn(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function textIn(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

/** The records of a pax header: `LENGTH KEY=VALUE`, each with a newline. */
function paxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(0x20, at);
    if (blank < 0) throw damaged();
    const length = wholeNumber(decoder.decode(bytes.subarray(at, blank)));
    if (length <= blank - at || at + length > bytes.length) throw damaged();
    const record = decoder.decode(bytes.subarray(blank + 1, at + length - 1));
    const cut = record.indexOf("=");
    if (cut < 0) throw damaged();
    records.set(record.slice(0, cut), record.slice(cut + 1));
    at += length;
  }
  return records;
}

function damaged(): CallError {
  return new CallError("Cannot read the host's archive: it is damaged");
}

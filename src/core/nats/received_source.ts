// The files that a sender has sent along with a call, as its worker has them. A worker
// opens no file of its own that a sender names: all names are only listed.
import { FtlError } from "../../errors.ts";
import { joinBytes } from "../../join_bytes.ts";
import { isObject } from "../../protocol/body.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import { parseUntrustedJson } from "../../protocol/untrusted_json.ts";
import type { PushSource, SourceEntry } from "../push/push_source.ts";
import type { LocalFile, LocalSource } from "../work/local_source.ts";
import type { NatsFiles } from "./nats_files.ts";
import { ReceivedContent } from "./received_content.ts";
import {
  readSentContent,
  type SentContent,
  takeContent,
} from "./sent_content.ts";
import { MOST_LISTING_BYTES } from "./sent_source.ts";

/** The most values in a listing: a file has seven. */
const MOST_VALUES = 5_000_000;

/** The source of a push. */
export interface ReceivedPush {
  readonly push: PushSource;
}

/** Why the sender could not read the files. */
export interface ReceivedFault {
  readonly fault: string;
}

/** What a sender has sent along with a call. */
export type ReceivedSource = ReceivedPush | LocalSource | ReceivedFault;

/** Receives files, each source once, and keeps them until it is closed. */
export class ReceivedSources {
  readonly #files: NatsFiles;
  readonly #sources = new Map<string, Promise<ReceivedSource>>();
  readonly #contents: ReceivedContent[] = [];

  constructor(files: NatsFiles) {
    this.#files = files;
  }

  /**
   * A source.
   *
   * @param sent What the call has, unchecked.
   * @throws {FtlError} when it is malformed, missing or changed.
   */
  async take(sent: SentContent): Promise<ReceivedSource> {
    const key = JSON.stringify(sent);
    let source = this.#sources.get(key);
    if (source === undefined) {
      source = this.#take(sent);
      this.#sources.set(key, source);
      source.catch(() => this.#sources.delete(key));
    }
    return await source;
  }

  /** Lets go of all files. */
  close(): void {
    this.#sources.clear();
    for (const content of this.#contents.splice(0)) content.close();
  }

  async #take(sent: unknown): Promise<ReceivedSource> {
    const checked = readSentContent(sent as Json, { most: MOST_LISTING_BYTES });
    const parts = await Array.fromAsync(takeContent(checked, this.#files));
    const listing = object(parseUntrustedJson(
      new TextDecoder().decode(joinBytes(parts)),
      { maxValues: MOST_VALUES },
    ));
    if (typeof listing.fault === "string") return { fault: listing.fault };
    const ranges = new Ranges();
    const source = readListing(listing, ranges);
    const content = readSentContent(listing.content);
    if (content.size !== ranges.size) throw malformed("content");
    ranges.content = await ReceivedContent.take(content, this.#files);
    this.#contents.push(ranges.content);
    return source;
  }
}

/** Where the content of each file is: one after the other. */
class Ranges {
  content: ReceivedContent | undefined;
  size = 0;

  /** Returns what reads the next file. */
  next(size: number): () => AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const at = this.size;
    this.size += size;
    return () => this.content!.read(at, size);
  }
}

function readListing(
  { push, file, tree }: JsonObject,
  ranges: Ranges,
): ReceivedPush | LocalSource {
  if (isObject(push)) return { push: readPush(push, ranges) };
  if (isObject(file)) return { file: readFile(file, ranges) };
  if (!isObject(tree)) throw malformed("listing");
  return {
    tree: {
      path: text(tree.path, "path"),
      files: list(tree.files, "files").map((each) => {
        const about = object(each);
        return [readFile(about, ranges), place(about.place)] as const;
      }),
      folders: list(tree.folders, "folders").map(place),
      links: list(tree.links, "links").map((each) => {
        const [target, at] = list(each, "links");
        return [text(target, "target"), place(at)] as const;
      }),
    },
  };
}

function readFile(about: JsonObject, ranges: Ranges): LocalFile {
  const { name, path, mode } = about;
  const size = wholeNumber(about.size, "size");
  const read = ranges.next(size);
  return {
    name: baseName(name),
    path: text(path, "path"),
    size,
    mode: mode === null ? undefined : wholeNumber(mode, "mode") & 0o7777,
    open: () => Promise.resolve(ReadableStream.from(read())),
  };
}

function readPush(
  { name, path, entries }: JsonObject,
  ranges: Ranges,
): PushSource {
  const folder = text(path, "path");
  const readers = new Map<string, ReturnType<Ranges["next"]>>();
  const [top, ...rest] = list(entries, "entries").map((each, index) => {
    const entry = readEntry(object(each), folder);
    if ((entry.place === "") !== (index === 0)) throw malformed("place");
    if (readers.has(entry.place)) throw malformed("place");
    readers.set(entry.place, ranges.next(entry.size));
    return entry;
  });
  if (top === undefined || top.kind === "link") throw malformed("entries");
  if (top.kind === "file" && rest.length > 0) throw malformed("entries");
  return {
    name: name === "" ? "" : baseName(name),
    top,
    entries: rest,
    read: (entry) => readers.get(entry.place)!(),
  };
}

const KINDS = ["file", "folder", "link"] as const;

function readEntry(about: JsonObject, folder: string): SourceEntry {
  const { mode, mtime, target } = about;
  const kind = KINDS.find((each) => each === about.kind);
  if (kind === undefined) throw malformed("kind");
  const size = wholeNumber(about.size, "size");
  if (kind !== "file" && size > 0) throw malformed("size");
  const at = about.place === "" ? "" : place(about.place);
  return {
    ...{ kind, size, place: at },
    path: at === "" ? folder : `${folder}/${at}`,
    mode: wholeNumber(mode, "mode") & 0o7777,
    mtime: wholeNumber(mtime, "mtime", -1e12),
    target: text(target, "target"),
  };
}

/** A path that leads nowhere but below. */
function place(value: Json | undefined): string {
  const path = text(value, "place");
  const isBelow = path.split("/")
    .every((part) => part !== "" && part !== "." && part !== "..");
  if (isBelow) return path;
  throw malformed("place");
}

function baseName(value: Json | undefined): string {
  const name = place(value);
  if (name.includes("/")) throw malformed("name");
  return name;
}

function text(value: Json | undefined, member: string): string {
  if (typeof value === "string" && !value.includes("\0")) return value;
  throw malformed(member);
}

function wholeNumber(
  value: Json | undefined,
  member: string,
  least = 0,
): number {
  const isWhole = Number.isSafeInteger(value) && (value as number) >= least;
  if (isWhole) return value as number;
  throw malformed(member);
}

function list(value: Json | undefined, member: string): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw malformed(member);
}

function object(value: Json): JsonObject {
  if (isObject(value)) return value;
  throw malformed("entries");
}

function malformed(member: string): FtlError {
  return new FtlError(
    `Cannot read the files of the call: their ${member} is malformed`,
  );
}

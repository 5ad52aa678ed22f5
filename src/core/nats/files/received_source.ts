// The files that a sender has sent along with a call, as its worker has them. A worker
// opens no file of its own that a sender names: all names are only listed.
import { isObject } from "../../../protocol/body.ts";
import type { Json, JsonObject } from "../../../protocol/message.ts";
import type { PushSource } from "../../push/push_source.ts";
import type { LocalFile, LocalSource } from "../../work/local_source.ts";
import type { NatsFiles } from "../server/nats_files.ts";
import { ReceivedContent } from "./received_content.ts";
import {
  baseName,
  list,
  malformed,
  object,
  place,
  readEntry,
  takeListing,
  text,
  wholeAmount,
} from "./listing_parts.ts";
import { readSentContent, type SentContent } from "./sent_content.ts";

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

/** A source that was taken. */
export interface TakenSource {
  /** @throws {FtlError} when it is malformed, missing or changed. */
  readonly source: Promise<ReceivedSource>;
  /** Lets go of it; more than once does no harm. */
  release(): void;
}

/** A source, and for how many hosts it is there. */
interface HeldSource {
  readonly source: Promise<ReceivedSource>;
  /** Undefined until the content is there. */
  content: ReceivedContent | undefined;
  holders: number;
}

/** Receives files, each source once, and keeps them while a host needs them. */
export class ReceivedSources {
  readonly #files: NatsFiles;
  readonly #sources = new Map<string, HeldSource>();
  #isClosed = false;

  constructor(files: NatsFiles) {
    this.#files = files;
  }

  /**
   * A source, until all who have taken it let go of it.
   *
   * @param sent What the call has, unchecked.
   */
  take(sent: SentContent): TakenSource {
    const key = JSON.stringify(sent);
    let held = this.#sources.get(key);
    if (held === undefined) {
      const { promise, resolve } = Promise.withResolvers<ReceivedSource>();
      const made: HeldSource = {
        source: promise,
        content: undefined,
        holders: 0,
      };
      this.#sources.set(key, held = made);
      resolve(this.#take(sent, made));
      promise.catch(() => this.#drop(key, made));
    }
    held.holders++;
    const taken = held;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      if (--taken.holders === 0) this.#drop(key, taken);
    };
    return { source: held.source, release };
  }

  /** Lets go of all files. */
  close(): void {
    this.#isClosed = true;
    for (const [key, held] of this.#sources) this.#drop(key, held);
  }

  #drop(key: string, held: HeldSource): void {
    if (this.#sources.get(key) === held) this.#sources.delete(key);
    held.holders = 0;
    held.content?.close();
  }

  async #take(sent: unknown, held: HeldSource): Promise<ReceivedSource> {
    const listing = await takeListing(sent as Json, this.#files);
    if (typeof listing.fault === "string") return { fault: listing.fault };
    const ranges = new Ranges();
    const source = readListing(listing, ranges);
    const sized = readSentContent(listing.content);
    if (sized.size !== ranges.size) throw malformed("content");
    const content = await ReceivedContent.take(sized, this.#files);
    held.content = ranges.content = content;
    // Nobody waited for it any more.
    if (held.holders === 0 || this.#isClosed) content.close();
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
  const size = wholeAmount(about.size, "size");
  const read = ranges.next(size);
  return {
    name: baseName(name),
    path: text(path, "path"),
    size,
    mode: mode === null ? undefined : wholeAmount(mode, "mode") & 0o7777,
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

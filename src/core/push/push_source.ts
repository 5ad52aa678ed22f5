// The source of a push: a file or a folder on the controller. It is listed before
// any host is contacted; a file that changes after that is an error.
import { basename, join, resolve } from "@std/path";
import { createHash } from "node:crypto";
import { listNames, NotUtf8 } from "../../disk/list_names.ts";
import { messageOf, SourceError } from "../../errors.ts";

/** How much of a file is read at a time; two such chunks are in memory. */
const CHUNK = 128 * 1024;

/** A file, folder or link that is pushed. */
export interface SourceEntry {
  readonly kind: "file" | "folder" | "link";
  /** Its path on the controller. */
  readonly path: string;
  /** Its path below the pushed folder; empty for the source itself. */
  readonly place: string;
  /** In bytes; 0 unless it is a file. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** In seconds since 1970. */
  readonly mtime: number;
  /** The target of a link. */
  readonly target: string;
}

/** The source of a push. */
export interface PushSource {
  /** Its name in a destination folder; empty when its content goes there. */
  readonly name: string;
  /** The file or folder itself. */
  readonly top: SourceEntry;
  /** The content of the folder, in the byte order of the paths. */
  readonly entries: readonly SourceEntry[];
  /**
   * The content of a file, exactly as long as it was listed. A chunk is valid until
   * the next one is requested.
   */
  read(entry: SourceEntry): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/**
 * Lists the source of a push. Links in a folder stay links; a source that is a
 * link is followed.
 *
 * @throws {SourceError} when it is absent, cannot be read, or holds a device, a
 *   socket or a pipe.
 */
export async function openSource(src: string): Promise<PushSource> {
  const path = resolve(src);
  const top = await look(path, { place: "", follow: true, shown: src });
  const isContent = top.kind === "folder" &&
    /(?:^|\/)(?:\.{1,2})?\/?$/.test(src);
  const name = isContent ? "" : basename(path);
  const entries: SourceEntry[] = [];
  if (top.kind === "folder") await walk(path, "", entries);
  return { name, top, entries, read: readSource };
}

async function walk(
  folder: string,
  place: string,
  entries: SourceEntry[],
): Promise<void> {
  const listed = await listNames(folder).catch((cause) => {
    throw cause instanceof NotUtf8
      ? cannotRead(join(folder, cause.shown), cause)
      : cannotRead(folder, cause);
  });
  for (const { name } of listed) {
    const below = place === "" ? name : `${place}/${name}`;
    const path = join(folder, name);
    const entry = await look(path, {
      place: below,
      follow: false,
      shown: path,
    });
    entries.push(entry);
    if (entry.kind === "folder") await walk(path, below, entries);
  }
}

async function look(
  path: string,
  { place, follow, shown }: { place: string; follow: boolean; shown: string },
): Promise<SourceEntry> {
  try {
    const info = await (follow ? Deno.stat(path) : Deno.lstat(path));
    const kind = info.isSymlink
      ? "link"
      : info.isDirectory
      ? "folder"
      : info.isFile
      ? "file"
      : undefined;
    if (kind === undefined) {
      throw new SourceError(
        `Cannot push ${shown}: it is a device, a socket or a pipe`,
      );
    }
    if (kind === "file") (await Deno.open(path)).close(); // fails when unreadable
    return {
      kind,
      path,
      place,
      size: kind === "file" ? info.size : 0,
      mode: (info.mode ?? 0o644) & 0o7777,
      mtime: Math.floor((info.mtime?.getTime() ?? 0) / 1000),
      target: kind === "link" ? await Deno.readLink(path) : "",
    };
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    throw cannotRead(shown, cause);
  }
}

function cannotRead(path: string, cause: unknown): SourceError {
  const reason = cause instanceof NotUtf8
    ? "its name is not UTF-8"
    : cause instanceof Deno.errors.NotFound
    ? "there is no such file or folder"
    : cause instanceof Deno.errors.InvalidData
    ? "the link's target is not UTF-8"
    : cause instanceof Deno.errors.PermissionDenied
    ? "permission denied"
    : messageOf(cause);
  return new SourceError(`Cannot push ${path}: ${reason}`, { cause });
}

/**
 * The content of a file, exactly as long as it was listed.
 *
 * @throws {SourceError} when the file has changed since.
 */
async function* readSource(
  { path, size, mtime }: SourceEntry,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const changed = () =>
    new SourceError(`Cannot push ${path}: it changed while it was read`);
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  try {
    let left = size;
    for await (const chunk of readAhead(file, size)) {
      left -= chunk.length;
      yield chunk;
    }
    const info = await file.stat();
    const now = Math.floor((info.mtime?.getTime() ?? 0) / 1000);
    if (left > 0 || info.size !== size || now !== mtime) throw changed();
  } finally {
    file.close();
  }
}

/**
 * The first bytes of a file; the next chunk is read while one is in use. A chunk
 * is valid until the next one is requested.
 */
async function* readAhead(
  file: Deno.FsFile,
  size: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const length = Math.min(CHUNK, size);
  const buffers = [new Uint8Array(length), new Uint8Array(length)] as const;
  let left = size;
  const read = async (buffer: Uint8Array<ArrayBuffer>) => {
    const count = await file.read(buffer.subarray(0, left)) ?? 0;
    left -= count;
    return buffer.subarray(0, count);
  };
  let next = left > 0 ? read(buffers[0]) : undefined;
  for (let free = 1; next !== undefined; free = 1 - free) {
    const chunk = await next;
    if (chunk.length === 0) return;
    next = left > 0 ? read(buffers[free as 0 | 1]) : undefined;
    // A caller that stops here does not await it.
    next?.catch(() => {});
    yield chunk;
  }
}

/** SHA-256 checksums of the files of a source, each computed once. */
export class FileSums {
  readonly #known = new Map<string, Promise<string>>();
  readonly #read: PushSource["read"];

  constructor({ read }: Pick<PushSource, "read">) {
    this.#read = read;
  }

  of(entry: SourceEntry): Promise<string> {
    let sum = this.#known.get(entry.path);
    if (sum === undefined) {
      sum = sumOf(this.#read(entry));
      this.#known.set(entry.path, sum);
    }
    return sum;
  }
}

/** Files up to this size are read once for all hosts, */
const SMALL = 64 * 1024;
/** as long as they fit into this much memory. */
const KEPT = 32 * 1024 * 1024;

/** Contents of the files of a source; small ones stay in memory. */
export class Contents {
  readonly #kept = new Map<string, Promise<Uint8Array>>();
  readonly #read: PushSource["read"];
  #length = 0;

  constructor({ read }: Pick<PushSource, "read">) {
    this.#read = read;
  }

  /** The content of a file, exactly as long as it was listed. */
  async *of(entry: SourceEntry): AsyncGenerator<Uint8Array, void> {
    let kept = this.#kept.get(entry.path);
    if (kept === undefined) {
      if (entry.size > SMALL || this.#length + entry.size > KEPT) {
        return yield* this.#read(entry);
      }
      this.#length += entry.size;
      kept = readWhole(entry, this.#read);
      this.#kept.set(entry.path, kept);
    }
    yield await kept;
  }
}

async function readWhole(
  entry: SourceEntry,
  read: PushSource["read"],
): Promise<Uint8Array> {
  const bytes = new Uint8Array(entry.size);
  let at = 0;
  for await (const chunk of read(entry)) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The SHA-256 of content, in hexadecimal. */
export async function sumOf(
  content: AsyncIterable<Uint8Array>,
): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of content) hash.update(chunk);
  return hash.digest("hex");
}

/** The SHA-256 of a file on the controller. */
export async function sumOfFile(path: string): Promise<string> {
  using file = await Deno.open(path);
  return await sumOf(readAhead(file, (await file.stat()).size));
}

// Writes the files that a worker has fetched from a host. The worker is untrusted, as a
// host is: nothing is written outside of the host's folder, or through a link.
import { dirname, join, resolve } from "@std/path";
import { CallError } from "../../../errors.ts";
import type { Json, JsonObject } from "../../../protocol/message.ts";
import type { FetchArgs } from "../../call/call.ts";
import { CALL_DEFAULTS } from "../../call/call_defaults.ts";
import { isUnlike } from "../../fetch/fetch_file.ts";
import {
  folderName,
  lookAt,
  makeFolder,
  makeFolders,
  refuseToReplace,
  setAttributes,
  staysInside,
  writeLink,
  writeWhole,
} from "../../fetch/local_place.ts";
import { type SourceEntry, sumOf, sumOfFile } from "../../push/push_source.ts";
import { listPaths } from "../../remote/listed_paths.ts";
import { list, object, readEntry, takeListing } from "./listing_parts.ts";
import type { NatsFiles } from "../server/nats_files.ts";
import { ReceivedContent } from "./received_content.ts";
import { readSentContent, removeContent } from "./sent_content.ts";

/** What was written; in check mode, what would be. */
export interface WrittenFiles {
  readonly isCheck: boolean;
  readonly changed: boolean;
  readonly files: number;
  readonly bytes: number;
  /** The files, below the host's folder. */
  readonly names: readonly string[];
  /** The host's folder. */
  readonly folder: string;
}

/**
 * Writes the files of a host.
 *
 * @param sent What the worker's report has, unchecked.
 * @param options `check`: write nothing, and tell what would be written.
 * @throws {FtlError} when the report is malformed, or a file cannot be written.
 */
export async function receiveFetched(
  sent: Json,
  { files, host, args, check = false, signal }: {
    files: NatsFiles;
    host: string;
    args: FetchArgs;
    check?: boolean;
    signal: AbortSignal;
  },
): Promise<WrittenFiles> {
  const listing = await takeListing(sent, files);
  const folder = join(resolve(args.dest), folderName(host));
  const entries = list(listing.fetched, "entries")
    .map((each) => readEntry(object(each), folder));
  checkEntries(entries, { host, args });
  const sized = readSentContent(listing.content, { most: sizeOf(entries) });
  const content = await ReceivedContent.take(sized, files);
  await removeContent(sized, files);
  await removeContent(readSentContent(sent), files);
  const written = new Written(folder, { args, isCheck: check });
  try {
    await makeFolder(folder, { check });
    let at = 0;
    if (sized.size !== sizeOf(entries)) {
      throw new CallError(
        `Cannot accept the files of ${host}: some are missing`,
      );
    }
    for (const entry of entries) {
      signal.throwIfAborted();
      const { size } = entry;
      const start = at;
      await written.take(entry, () => content.read(start, size));
      at += size;
    }
    return written;
  } finally {
    content.close();
  }
}

function sizeOf(entries: readonly SourceEntry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}

/** @throws {CallError} when the worker sends what was not asked for. */
function checkEntries(
  entries: readonly SourceEntry[],
  { host, args }: { host: string; args: FetchArgs },
): void {
  const cannot = (why: string) =>
    new CallError(`Cannot accept the files of ${host}: ${why}`);
  const most = args.max_size ?? CALL_DEFAULTS.maxFetchBytes;
  if (sizeOf(entries) > most) throw cannot(`they have more than ${most} bytes`);
  const places = new Set<string>();
  for (const { kind, place, target } of entries) {
    if (places.has(place)) throw cannot(`${JSON.stringify(place)} comes twice`);
    places.add(place);
    if (kind !== "link" || staysInside(place, target)) continue;
    throw cannot(`the link ${JSON.stringify(place)} leads out of its folder`);
  }
}

/** Writes below one folder, unless it only checks, and counts. */
class Written implements WrittenFiles {
  changed = false;
  files = 0;
  bytes = 0;
  readonly names: string[] = [];
  readonly folder: string;
  readonly isCheck: boolean;
  readonly #args: FetchArgs;
  readonly #umask = Deno.umask();

  constructor(
    folder: string,
    { args, isCheck }: { args: FetchArgs; isCheck: boolean },
  ) {
    this.folder = folder;
    this.isCheck = isCheck;
    this.#args = args;
  }

  async take(
    entry: SourceEntry,
    read: () => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const { kind, place, path, target } = entry;
    // Each folder on the way is looked at: a link there is refused.
    const above = place.split("/").slice(0, -1);
    await makeFolders(this.folder, above, { check: this.isCheck });
    if (kind === "folder") return await this.#makeFolder(entry);
    if (kind === "file") return await this.#write(entry, read);
    const there = await lookAt(path);
    if (there?.isSymlink && await Deno.readLink(path) === target) return;
    if (this.isCheck) refuseToReplace(path, there);
    else await writeLink(path, target);
    this.changed = true;
  }

  async #makeFolder({ place, path, mode }: SourceEntry): Promise<void> {
    if (place === "") return;
    const isNew = await lookAt(path) === undefined;
    await makeFolder(path, { check: this.isCheck });
    if (isNew) this.changed = true;
    if (this.isCheck) return;
    if (!isNew && !this.#args.preserve) return;
    // We must be able to write into it.
    const own = this.#attributes({ mode: mode | 0o700, mtime: 0 });
    await setAttributes(path, { ...own, mtime: undefined });
  }

  async #write(
    { place, path, size, ...about }: SourceEntry,
    read: () => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const wanted = this.#attributes(about);
    const there = await lookAt(path);
    const isSame = there?.isFile && there.size === size &&
      await sumOfFile(path) === await sumOf(read());
    if (isSame) {
      if (!this.#args.preserve || !isUnlike(there, wanted)) return;
      if (!this.isCheck) await setAttributes(path, wanted);
      this.changed = true;
      return;
    }
    const isAlone = dirname(path) === this.folder;
    if (this.isCheck) refuseToReplace(path, there);
    else await writeWhole(path, read(), { ...wanted, size, sync: isAlone });
    this.changed = true;
    this.files++;
    this.bytes += size;
    this.names.push(place);
  }

  #attributes({ mode, mtime }: { mode: number; mtime: number }) {
    return this.#args.preserve
      ? { mode: mode & 0o777, mtime }
      : { mode: mode & 0o777 & ~this.#umask, mtime: undefined };
  }
}

/** A result of a fetch with what was written here, in place of the worker's account. */
export function withWritten(
  result: JsonObject,
  { changed, files, bytes, names, folder, isCheck }: WrittenFiles,
): JsonObject {
  const { received, received_count: _, dest, ...rest } = result;
  const below = typeof dest === "string"
    ? dest.split("/").slice(2).filter((part) => !/^\.*$/.test(part))
    : [];
  const told = { ...rest, changed, dest: join(folder, ...below), files, bytes };
  if (isCheck) return names.length === 0 ? told : wouldWrite(told, names);
  // Names are those below `dest`.
  const start = below.length === 0 ? "" : `${below.join("/")}/`;
  const own = names.filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length));
  const { warnings: _cut, ...listed } = listPaths("received", own);
  return {
    ...told,
    // The worker has been told whether names are shown.
    ...(received === undefined || own.length === 0 ? {} : listed),
  };
}

/** A result with the names of what would be written, as `planFetch()` makes it. */
function wouldWrite(told: JsonObject, names: readonly string[]): JsonObject {
  const { warnings = [], ...listed } = listPaths(
    "would_write",
    names.toSorted(),
  );
  const before = Array.isArray(told.warnings) ? told.warnings : [];
  const all = [...before, ...warnings];
  return { ...told, ...listed, ...all.length > 0 && { warnings: all } };
}

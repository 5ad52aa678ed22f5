// Records what a build has read, so that the next build can tell whether
// anything changed. `stat` alone is trusted only for files that match and had not
// changed shortly before they were read; otherwise contents are compared.
import { basename, dirname } from "@std/path";
import { BuildError, messageOf } from "../../errors.ts";
import { exposureOf } from "../../ownership.ts";

/** dev, inode, size, mtime and ctime (ms since 1970). */
type Stamp = readonly [number, number, number, number, number];

/** What was read, when, and in which state. Plain JSON. */
export interface BuildInputs {
  /** When reading started, in ms since 1970. */
  readonly at: number;
  /** Files, with the hash of their content. */
  readonly files: readonly (readonly [string, string, Stamp])[];
  /** Folders, with the hash of the names in them. */
  readonly folders: readonly (readonly [string, string, Stamp])[];
  /** Paths that did not exist. */
  readonly absent: readonly string[];
}

/** A file's content and its SHA-256. */
export interface SourceFile {
  /** Its path, for errors. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/** The type of a folder's entry, with links followed. */
export type EntryType = "file" | "folder";

// A file that changes right after it was read may keep the same times: Deno
// reports ctime in whole seconds. Git's index has the same problem and solution
// ("racy git").
const AT_REST_MS = 2_000;

/** Files of an archive, which a reader has below the archive's path. */
interface Mounted {
  readonly path: string;
  read(path: string): Promise<SourceFile>;
  list(path: string): Promise<ReadonlyMap<string, EntryType> | undefined>;
}

/** Python's cache of compiled code, which is not an input. */
const CACHE = "__pycache__";

/** Reads files and folders, each at most once, and records their state. */
export class Reader {
  /** One for each file that other users could change but that is used anyway. */
  readonly warnings = new Set<string>();
  readonly #at = Date.now();
  readonly #files = new Map<string, Promise<SourceFile>>();
  readonly #folders = new Map<
    string,
    Promise<ReadonlyMap<string, EntryType> | undefined>
  >();
  readonly #mounted: Mounted[] = [];
  readonly #footprint = {
    files: [] as [string, string, Stamp][],
    folders: [] as [string, string, Stamp][],
    absent: [] as string[],
  };

  /**
   * Answers for all paths below an archive. The archive is the input, because it
   * was read; the files in it are not recorded.
   */
  mount(archive: Mounted): void {
    this.#mounted.push(archive);
  }

  /** The archive that has a path, and the path in it. */
  #mountedAt(path: string): [Mounted, string] | undefined {
    for (const each of this.#mounted) {
      if (path === each.path) return [each, ""];
      if (path.startsWith(`${each.path}/`)) {
        return [each, path.slice(each.path.length + 1)];
      }
    }
    return undefined;
  }

  /**
   * Reads a file.
   *
   * @throws {BuildError} when it cannot be read.
   */
  read(path: string): Promise<SourceFile> {
    const [archive, inside = ""] = this.#mountedAt(path) ?? [];
    if (archive !== undefined && inside !== "") return archive.read(inside);
    return memoize(this.#files, path, async () => {
      try {
        const info = await Deno.stat(path);
        this.#checkExposure(path, info);
        const bytes = await Deno.readFile(path);
        const hash = await sha256(bytes);
        this.#footprint.files.push([path, hash, stampOf(info)]);
        return { path, bytes, sha256: hash };
      } catch (error) {
        throw error instanceof BuildError ? error : unreadable(path, error);
      }
    });
  }

  /** Refuses, or warns about, a file that other users could have written. */
  #checkExposure(path: string, info: Deno.FileInfo): void {
    const exposure = exposureOf(path, "code", info);
    if (exposure === undefined) return;
    const { why, hint, isRefused } = exposure;
    if (isRefused) throw new BuildError(`Cannot use ${path}: ${why}`, { hint });
    this.warnings.add(`Other users can change ${path}: ${why}`);
  }

  /**
   * The entries of a folder; undefined when there is no such folder.
   *
   * @throws {BuildError} when it cannot be read.
   */
  list(path: string): Promise<ReadonlyMap<string, EntryType> | undefined> {
    const [archive, inside = ""] = this.#mountedAt(path) ?? [];
    if (archive !== undefined) return archive.list(inside);
    return memoize(this.#folders, path, async () => {
      if (await this.#isKnownAbsent(path)) return undefined;
      try {
        const info = await Deno.stat(path);
        const entries = await listFolder(path, this.#footprint.absent);
        const hash = await hashOfNames(entries);
        this.#footprint.folders.push([path, hash, stampOf(info)]);
        return entries;
      } catch (error) {
        if (!isAbsence(error)) throw unreadable(path, error);
        this.#footprint.absent.push(path);
        return undefined;
      }
    });
  }

  /**
   * Whether a listed folder shows that the path does not exist. Then it need not
   * be looked up, now or when the footprint is compared.
   */
  async #isKnownAbsent(path: string): Promise<boolean> {
    const parent = dirname(path);
    if (parent === path) return false;
    const listing = this.#folders.get(parent);
    if (listing === undefined) return await this.#isKnownAbsent(parent);
    const name = basename(path);
    try {
      return name !== CACHE && !(await listing)?.has(name);
    } catch {
      return false; // a folder that cannot be listed may still have it
    }
  }

  /** Everything that was read so far. */
  footprint(): BuildInputs {
    return { at: this.#at, ...structuredClone(this.#footprint) };
  }
}

/**
 * Compares a footprint with the present state. Returns `"same"` when nothing
 * differs, a new footprint when only times differ, and undefined when something
 * changed.
 */
export async function compare(
  footprint: BuildInputs,
): Promise<"same" | BuildInputs | undefined> {
  const at = Date.now();
  const files = suspects(footprint.files, footprint.at);
  const folders = suspects(footprint.folders, footprint.at);
  if (!footprint.absent.every(isAbsent)) return undefined;
  if (files.length === 0 && folders.length === 0) return "same";
  const reader = new Reader();
  try {
    for (const [path, hash] of files) {
      if ((await reader.read(path)).sha256 !== hash) return undefined;
    }
    for (const [path, hash] of folders) {
      const entries = await reader.list(path);
      if (entries === undefined || await hashOfNames(entries) !== hash) {
        return undefined;
      }
    }
  } catch {
    return undefined; // gone or unreadable: the build reports it
  }
  const seen = reader.footprint();
  return {
    at,
    files: replace(footprint.files, seen.files),
    folders: replace(footprint.folders, seen.folders),
    absent: footprint.absent,
  };
}

/** The SHA-256 of bytes, in lowercase hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

type Mark = readonly [string, string, Stamp];

/** Those whose state `stat` alone cannot confirm. */
function suspects(marks: readonly Mark[], at: number): Mark[] {
  return marks.filter(([path, , stamp]) => {
    const now = statOf(path);
    return now === undefined || !stamp.every((part, i) => part === now[i]) ||
      Math.max(stamp[3], stamp[4]) >= at - AT_REST_MS;
  });
}

function replace(marks: readonly Mark[], newer: readonly Mark[]): Mark[] {
  const byPath = new Map(newer.map((mark) => [mark[0], mark]));
  return marks.map((mark) => byPath.get(mark[0]) ?? mark);
}

// Runs hundreds of times for one gate: synchronous calls take a fifth of the
// time.
function statOf(path: string): Stamp | undefined {
  try {
    return stampOf(Deno.statSync(path));
  } catch {
    return undefined;
  }
}

function isAbsent(path: string): boolean {
  return statOf(path) === undefined;
}

function stampOf(info: Deno.FileInfo): Stamp {
  return [
    info.dev,
    info.ino ?? 0,
    info.size,
    info.mtime?.getTime() ?? 0,
    info.ctime?.getTime() ?? 0,
  ];
}

async function listFolder(
  path: string,
  dangling: string[],
): Promise<Map<string, EntryType>> {
  const entries = new Map<string, EntryType>();
  for await (const entry of Deno.readDir(path)) {
    const { name } = entry;
    if (name === CACHE) continue;
    let { isFile, isDirectory } = entry;
    if (entry.isSymlink) {
      try {
        ({ isFile, isDirectory } = await Deno.stat(`${path}/${name}`));
      } catch (error) {
        if (!isAbsence(error)) throw error;
        dangling.push(`${path}/${name}`);
      }
    }
    if (isDirectory) entries.set(name, "folder");
    else if (isFile) entries.set(name, "file");
  }
  return entries;
}

function hashOfNames(entries: ReadonlyMap<string, EntryType>): Promise<string> {
  const names = [...entries].map((entry) => entry.join(":")).sort().join("\0");
  return sha256(new TextEncoder().encode(names));
}

function unreadable(path: string, cause: unknown): BuildError {
  const state = cause instanceof Deno.errors.PermissionDenied
    ? "permission denied"
    : isAbsence(cause)
    ? "the file does not exist"
    : messageOf(cause);
  return new BuildError(`Cannot read ${path}: ${state}`, { cause });
}

function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop;
}

function memoize<T>(
  known: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  let value = known.get(key);
  if (value === undefined) known.set(key, value = make());
  return value;
}

// What a build has read, so that the next one can tell that nothing changed
// without building. It is trusted by `stat` alone only when everything matches
// and had been at rest when it was read; else the content is compared.
import { basename, dirname } from "@std/path";
import { BuildError, messageOf } from "../../errors.ts";
import { exposureOf } from "../../ownership.ts";

/** dev, inode, size, mtime and ctime (ms since 1970). */
type Stamp = readonly [number, number, number, number, number];

/** What was read, when, and in which state. Plain JSON. */
export interface BuildInputs {
  /** When reading began, ms since 1970. */
  readonly at: number;
  /** Files, with the hash of their content. */
  readonly files: readonly (readonly [string, string, Stamp])[];
  /** Folders, with the hash of the names in them. */
  readonly folders: readonly (readonly [string, string, Stamp])[];
  /** Paths where nothing was found. */
  readonly absent: readonly string[];
}

/** A file's content and its SHA-256. */
export interface SourceFile {
  /** Where it is, as errors name it. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/** What an entry of a folder is, links followed. */
export type EntryType = "file" | "folder";

// A file that changed again right after it was read may carry the same times:
// Deno gives ctime in whole seconds. Git's index has the same problem and the
// same answer ("racy git").
const AT_REST_MS = 2_000;

/** Python writes it beside what it runs; that changes nothing. */
const CACHE = "__pycache__";

/** Reads files and folders, each at most once, and notes what it saw. */
export class Reader {
  /** Of files that others could change, and that are used all the same. */
  readonly warnings = new Set<string>();
  readonly #at = Date.now();
  readonly #files = new Map<string, Promise<SourceFile>>();
  readonly #folders = new Map<
    string,
    Promise<ReadonlyMap<string, EntryType> | undefined>
  >();
  readonly #footprint = {
    files: [] as [string, string, Stamp][],
    folders: [] as [string, string, Stamp][],
    absent: [] as string[],
  };

  /**
   * Reads a file.
   *
   * @throws {BuildError} when it cannot be read.
   */
  read(path: string): Promise<SourceFile> {
    return memoize(this.#files, path, async () => {
      try {
        const info = await Deno.stat(path);
        this.#judge(path, info);
        const bytes = await Deno.readFile(path);
        const hash = await sha256(bytes);
        this.#footprint.files.push([path, hash, stampOf(info)]);
        return { path, bytes, sha256: hash };
      } catch (error) {
        throw error instanceof BuildError ? error : unreadable(path, error);
      }
    });
  }

  /** Refuses what others could have put there, or notes a warning. */
  #judge(path: string, info: Deno.FileInfo): void {
    const exposure = exposureOf(path, "code", info);
    if (exposure === undefined) return;
    const { why, hint, isRefused } = exposure;
    if (isRefused) throw new BuildError(`Cannot use ${path}: ${why}`, { hint });
    this.warnings.add(`${path} may be changed by others: ${why}`);
  }

  /**
   * The entries of a folder; undefined when there is no such folder.
   *
   * @throws {BuildError} when it cannot be read.
   */
  list(path: string): Promise<ReadonlyMap<string, EntryType> | undefined> {
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
   * Whether a folder that was listed says that there is no such path: then
   * nobody need look, now or when the footprint is compared.
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
      return false; // who may not list a folder may still look into it
    }
  }

  /** What was read so far. */
  footprint(): BuildInputs {
    return { at: this.#at, ...structuredClone(this.#footprint) };
  }
}

/**
 * Whether everything is as a footprint says: `"same"`; or the footprint as it
 * would be taken now, when times differ and contents do not; or undefined, when
 * something changed.
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
    return undefined; // gone or unreadable: the build will say so
  }
  const seen = reader.footprint();
  return {
    at,
    files: replace(footprint.files, seen.files),
    folders: replace(footprint.folders, seen.folders),
    absent: footprint.absent,
  };
}

/** The SHA-256 of bytes, in lower-case hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

type Mark = readonly [string, string, Stamp];

/** Those that `stat` cannot vouch for. */
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

// Hundreds of these decide whether a gate is still good: synchronous calls take
// a fifth of the time.
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
    ? "there is no such file"
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

// What ftl keeps on this machine, below ~/.ftl: gates and packs under the hash of
// their content, and indexes that tell when they can be reused. Only this folder's
// code writes there. Parallel runs are safe: every file is whole or absent, and is
// checked when it is read.
import { join } from "@std/path";
import { readIfPresent } from "../disk/read.ts";
import { UNFINISHED, writeAtomically } from "../disk/write.ts";
import { defaultFolder, openFolder } from "./folder.ts";
import { Hints } from "./hints.ts";
import { HostNotes } from "./host_notes.ts";

/** The kinds of items that are stored under the hash of their content. */
export type StoredKind = "gates" | "packs";

/** One stored gate or pack. */
export interface StoredItem {
  /** The SHA-256 of its bytes. */
  readonly id: string;
  /** Where it is. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** When it was last written or read, to the day. */
  readonly used: Date;
}

const SUFFIX: Record<StoredKind, string> = { gates: ".pyz", packs: ".zip" };
const ID = /^[0-9a-f]{64}$/;
const KEY = /^[a-z]{1,16}-[0-9a-f]{64}$/;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * Opens the store, and creates it when it is missing.
 *
 * @param home Its folder. Default: `FTL_HOME`, else `~/.ftl`.
 * @throws {BuildError} when the folder is not safe.
 */
export async function openStore(home?: string): Promise<Store> {
  const path = await openFolder(home ?? await defaultFolder());
  const folders = ["gates", "packs", "index"];
  const [hints, hostNotes] = await Promise.all([
    Hints.open(join(path, "hints.json")),
    HostNotes.open(join(path, "hosts.json")),
    ...folders.map((folder) => openFolder(join(path, folder))),
  ]);
  return new Store(path, { hints, hostNotes });
}

/** An open store. */
export class Store {
  /** The store's folder. */
  readonly path: string;
  /** @internal Which gates and packs hosts had. */
  readonly hints: Hints;
  /** @internal What was learned about reaching hosts. */
  readonly hostNotes: HostNotes;

  /** @internal Use {@linkcode openStore}. */
  constructor(
    path: string,
    { hints, hostNotes }: { hints: Hints; hostNotes: HostNotes },
  ) {
    this.path = path;
    this.hints = hints;
    this.hostNotes = hostNotes;
  }

  /**
   * Reads a gate or a pack; undefined when it is missing. A damaged one is removed
   * and counts as missing.
   */
  async get(
    kind: StoredKind,
    id: string,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = this.pathOf(kind, id);
    const bytes = await readIfPresent(path);
    if (bytes === undefined) return undefined;
    if (await sha256(bytes) !== id) {
      await this.remove(kind, id);
      return undefined;
    }
    await touch(path);
    return bytes;
  }

  /** Stores a gate or a pack under its hash; resolves to the file's path. */
  async put(
    kind: StoredKind,
    id: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<string> {
    const path = this.pathOf(kind, id);
    if (await sha256(bytes) !== id) {
      throw new TypeError(`Cannot store ${id}: the content has another hash`);
    }
    await writeAtomically(path, bytes);
    return path;
  }

  /** The path of a gate or a pack, whether or not it exists. */
  pathOf(kind: StoredKind, id: string): string {
    if (!ID.test(id)) throw new TypeError(`Not the id of a gate: ${id}`);
    return join(this.path, kind, id + SUFFIX[kind]);
  }

  /** Lists the stored items, the most recently used first. */
  async list(kind: StoredKind): Promise<StoredItem[]> {
    const items: StoredItem[] = [];
    for await (const { name } of Deno.readDir(join(this.path, kind))) {
      const id = name.slice(0, 64);
      if (!ID.test(id) || name !== id + SUFFIX[kind]) continue;
      const path = join(this.path, kind, name);
      const info = await statIfPresent(path);
      if (info === undefined) continue;
      items.push({
        id,
        path,
        size: info.size,
        used: info.mtime ?? new Date(0),
      });
    }
    return items.sort((a, b) =>
      b.used.getTime() - a.used.getTime() || (a.id < b.id ? -1 : 1)
    );
  }

  /** Removes a gate or a pack, if it exists. */
  async remove(kind: StoredKind, id: string): Promise<void> {
    await removeIfPresent(this.pathOf(kind, id));
  }

  /**
   * Removes gates, packs and indexes that were not used for `maxAgeDays`, and
   * gates and packs beyond the `keep` most recently used of their kind.
   *
   * @returns The removed gates and packs.
   */
  async prune(
    options: { maxAgeDays: number; keep: number },
  ): Promise<StoredItem[]> {
    const oldest = Date.now() - options.maxAgeDays * DAY_MS;
    const removed: StoredItem[] = [];
    for (const kind of ["gates", "packs"] as const) {
      for (const [index, item] of (await this.list(kind)).entries()) {
        if (index < options.keep && item.used.getTime() >= oldest) continue;
        await this.remove(kind, item.id);
        removed.push(item);
      }
    }
    for (const folder of ["gates", "packs", "index", "."]) {
      await sweep(join(this.path, folder), {
        unfinishedBefore: Date.now() - HOUR_MS,
        indexBefore: folder === "index" ? oldest : -Infinity,
      });
    }
    return removed;
  }

  /**
   * Reads the value of a key; undefined when it is missing or damaged.
   */
  async readIndex(key: string): Promise<unknown> {
    const path = this.#indexPath(key);
    const bytes = await readIfPresent(path);
    if (bytes === undefined) return undefined;
    await touch(path);
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return undefined; // damaged: the caller builds it again
    }
  }

  /** Writes a JSON value under a key: a lowercase word, `-`, a SHA-256. */
  async writeIndex(key: string, value: unknown): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    await writeAtomically(this.#indexPath(key), bytes);
  }

  #indexPath(key: string): string {
    if (!KEY.test(key)) throw new TypeError(`Not the key of an index: ${key}`);
    return join(this.path, "index", `${key}.json`);
  }
}

/** The SHA-256 of bytes, in lowercase hexadecimal. */
async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

/** Records that a file was used, at most once a day. */
async function touch(path: string): Promise<void> {
  const info = await statIfPresent(path);
  if (info?.mtime && Date.now() - info.mtime.getTime() < DAY_MS) return;
  const now = new Date();
  // Another process may be pruning it; what was read is still valid.
  await Deno.utime(path, now, now).catch(() => {});
}

async function sweep(
  folder: string,
  limits: { unfinishedBefore: number; indexBefore: number },
): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile) continue;
    const limit = name.startsWith(UNFINISHED)
      ? limits.unfinishedBefore
      : limits.indexBefore;
    const path = join(folder, name);
    const used = (await statIfPresent(path))?.mtime?.getTime();
    if (used !== undefined && used < limit) await removeIfPresent(path);
  }
}

async function statIfPresent(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function removeIfPresent(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

// Records of runs: which hosts were called and how that ended, so that the next
// run can be for those that failed. What hosts answered is kept only when asked
// for, in a file beside. Bounded in number and size; only its owner can read it.
import { join } from "@std/path";
import { BuildError } from "../errors.ts";
import { readIfPresent } from "../disk/read.ts";
import { UNFINISHED, writeAtomically } from "../disk/write.ts";
import { defaultFolder, openFolder } from "./folder.ts";

/** What is always kept of a run. */
export interface RunRecord {
  readonly run: string;
  /** ISO 8601 in UTC. */
  readonly started: string;
  readonly duration_ms: number;
  /** Null for a shell command and a transfer of files. */
  readonly module: string | null;
  readonly transfer?: "push" | "fetch";
  /** How many hosts ended how, and how many there were. */
  readonly summary: Readonly<Record<string, number>>;
  /** The names of hosts by their status. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
}

/** A stored record. */
export interface StoredRun extends RunRecord {
  /** The begin of `run`, for people. */
  readonly id: string;
  /** Its events were kept. */
  readonly hasEvents: boolean;
}

const MAX_RUNS = 200;
/**
 * After how many records without events room is made again: to look through the
 * folder takes as long as the rest of a run on ten open hosts.
 */
const PRUNE_EVERY = 20;
const MAX_EVENT_BYTES = 256 * 1024 * 1024;
const HOUR_MS = 3_600_000;
const NAME = /^(\d{8}T\d{9}Z-([0-9a-f]{8}))\.(json|ndjson)$/;

/**
 * Opens the records, and makes their folder when there is none.
 *
 * @param home The store's folder. Default: `FTL_HOME`, else `~/.ftl`.
 * @throws {BuildError} when there is no folder that only we can write to.
 */
export async function openRuns(home?: string): Promise<Runs> {
  const folder = home ?? await defaultFolder();
  let runs = opened.get(folder);
  if (runs === undefined) {
    runs = openAnew(folder);
    opened.set(folder, runs);
    runs.catch(() => opened.delete(folder));
  }
  return await runs;
}

/** A session opens its records for each run, and looks at their folder once. */
const opened = new Map<string, Promise<Runs>>();

async function openAnew(home: string): Promise<Runs> {
  const folder = await openFolder(home);
  return new Runs(await openFolder(join(folder, "runs")));
}

/** The records of one store. */
export class Runs {
  readonly path: string;
  #untilPruned = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Keeps a record, and its events when there are any. */
  async add(record: RunRecord, events?: string): Promise<void> {
    const time = record.started.replace(/[-:.]/g, "");
    const stem = `${time}-${record.run.slice(0, 8)}`;
    if (events !== undefined) await this.#write(`${stem}.ndjson`, events);
    await this.#write(`${stem}.json`, JSON.stringify(record) + "\n");
    if (this.#untilPruned-- > 0 && events === undefined) return;
    this.#untilPruned = PRUNE_EVERY - 1;
    await this.#prune();
  }

  /** All records, the newest first. Those that are damaged are left out. */
  async list(): Promise<StoredRun[]> {
    const names = this.#names();
    const withEvents = new Set(names.filter((name) => /\.ndjson$/.test(name)));
    const runs: StoredRun[] = [];
    for (const name of names) {
      if (!name.endsWith(".json")) continue;
      const record = await this.#read(name);
      if (record === undefined) continue;
      const hasEvents = withEvents.has(name.replace(/json$/, "ndjson"));
      runs.push({ ...record, id: record.run.slice(0, 8), hasEvents });
    }
    return runs;
  }

  /** The newest record; undefined when there is none. */
  async last(): Promise<StoredRun | undefined> {
    for (const name of this.#names()) {
      if (!name.endsWith(".json")) continue;
      const id = NAME.exec(name)![2]!;
      const record = await this.#read(name);
      if (record) return { ...record, id, hasEvents: false };
    }
    return undefined;
  }

  /**
   * Finds the one record whose id begins so.
   *
   * @throws {BuildError} when there is none, or there are several.
   */
  async find(begin: string): Promise<StoredRun> {
    const found = (await this.list()).filter(({ run }) =>
      run.startsWith(begin)
    );
    if (found.length === 1) return found[0]!;
    throw new BuildError(
      found.length === 0
        ? `Cannot show the run ${begin}: there is no record of it`
        : `Cannot show the run ${begin}: ${found.length} ids begin so`,
      { hint: "For the ids: ftl runs list" },
    );
  }

  /** The events of a record that has them, as they were given. */
  async events({ started, id }: StoredRun): Promise<string> {
    const name = `${started.replace(/[-:.]/g, "")}-${id}.ndjson`;
    const bytes = await readIfPresent(join(this.path, name));
    return new TextDecoder().decode(bytes);
  }

  /** The newest first. */
  #names(): string[] {
    return this.#all().filter((name) => NAME.test(name)).sort().reverse();
  }

  #all(): string[] {
    try {
      return Array.from(Deno.readDirSync(this.path), ({ name }) => name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return []; // removed meanwhile
      throw error;
    }
  }

  async #write(name: string, text: string): Promise<void> {
    const path = join(this.path, name);
    const bytes = new TextEncoder().encode(text);
    try {
      await writeAtomically(path, bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      await openFolder(this.path); // removed since it was opened
      await writeAtomically(path, bytes);
    }
  }

  async #read(name: string): Promise<RunRecord | undefined> {
    const bytes = await readIfPresent(join(this.path, name));
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return undefined; // gone meanwhile, or cut short by a full disk
    }
  }

  async #prune(): Promise<void> {
    for (const name of this.#all()) {
      if (!name.startsWith(UNFINISHED)) continue;
      const path = join(this.path, name);
      if (await ageOf(path) > HOUR_MS) await removeQuietly(path);
    }
    const stems = new Map<string, string[]>();
    for (const name of this.#names()) {
      const stem = NAME.exec(name)![1]!;
      stems.set(stem, [...stems.get(stem) ?? [], join(this.path, name)]);
    }
    let bytes = 0;
    for (const [place, paths] of [...stems.values()].entries()) {
      for (const path of paths) {
        if (path.endsWith(".ndjson")) bytes += await sizeOf(path);
        const isTooLarge = path.endsWith(".ndjson") && bytes > MAX_EVENT_BYTES;
        if (place >= MAX_RUNS || isTooLarge) await removeQuietly(path);
      }
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await statIfPresent(path))?.size ?? 0;
}

async function ageOf(path: string): Promise<number> {
  const info = await statIfPresent(path);
  return info?.mtime ? Date.now() - info.mtime.getTime() : 0;
}

async function statIfPresent(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch {
    return undefined; // another process has removed it just now
  }
}

async function removeQuietly(path: string): Promise<void> {
  // Another process may have removed it just now.
  await Deno.remove(path).catch(() => {});
}

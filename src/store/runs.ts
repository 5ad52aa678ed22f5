// Records of runs: which hosts were called, and how each call ended, so that a
// later run can target the failed ones. The hosts' output is kept only on request,
// in a second file. Bounded in number and size; only the owner can read it.
import { join } from "@std/path";
import { BuildError } from "../errors.ts";
import { readIfPresent } from "../disk/read.ts";
import { UNFINISHED, writeAtomically } from "../disk/write.ts";
import { defaultFolder, openFolder } from "./folder.ts";

/** What is always recorded of a run. */
export interface RunRecord {
  readonly run: string;
  /** ISO 8601 in UTC. */
  readonly started: string;
  readonly duration_ms: number;
  /** Null for a shell command and a transfer of files. */
  readonly module: string | null;
  readonly transfer?: "push" | "fetch";
  /** What was run, masked: `service name=nginx`, `exec -- uptime`. */
  readonly call?: string;
  /** The pattern that chose the hosts. */
  readonly pattern?: string;
  /** The terminal it was started at; absent without one. */
  readonly terminal?: string;
  /** The number of hosts by status, and in total. */
  readonly summary: Readonly<Record<string, number>>;
  /** The names of hosts by their status. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
}

/** A stored record. */
export interface StoredRun extends RunRecord {
  /** A prefix of `run`, for people. */
  readonly id: string;
  /** Whether its events were kept. */
  readonly has_events: boolean;
}

const MAX_RUNS = 200;
/**
 * After how many records without events the folder is pruned: listing it takes as
 * long as the rest of a run on ten open hosts.
 */
const PRUNE_EVERY = 20;
const MAX_EVENT_BYTES = 256 * 1024 * 1024;
const HOUR_MS = 3_600_000;
const NAME = /^(\d{8}T\d{9}Z-([0-9a-f]{8}))\.(json|ndjson)$/;

/**
 * Opens the records, and creates their folder when it is missing.
 *
 * @param home The store's folder. Default: `FTL_HOME`, else `~/.ftl`.
 * @throws {BuildError} when the folder is not safe.
 */
export async function openRuns(home?: string): Promise<Runs> {
  const folder = home ?? await defaultFolder();
  let runs = opened.get(folder);
  if (runs === undefined) {
    runs = openFresh(folder);
    opened.set(folder, runs);
    runs.catch(() => opened.delete(folder));
  }
  return await runs;
}

/** A session opens its records for each run, but checks their folder once. */
const opened = new Map<string, Promise<Runs>>();

async function openFresh(home: string): Promise<Runs> {
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

  /** Stores a record, and its events if any. */
  async add(record: RunRecord, events?: string): Promise<void> {
    const time = record.started.replace(/[-:.]/g, "");
    const stem = `${time}-${record.run.slice(0, 8)}`;
    if (events !== undefined) await this.#write(`${stem}.ndjson`, events);
    await this.#write(`${stem}.json`, JSON.stringify(record) + "\n");
    if (this.#untilPruned-- > 0 && events === undefined) return;
    this.#untilPruned = PRUNE_EVERY - 1;
    await this.#prune();
  }

  /** Lists all records, the newest first. Damaged ones are skipped. */
  async list(): Promise<StoredRun[]> {
    const names = this.#names();
    const withEvents = new Set(names.filter((name) => /\.ndjson$/.test(name)));
    const runs: StoredRun[] = [];
    for (const name of names) {
      if (!name.endsWith(".json")) continue;
      const record = await this.#read(name);
      if (record === undefined) continue;
      const hasEvents = withEvents.has(name.replace(/json$/, "ndjson"));
      const id = record.run.slice(0, 8);
      runs.push({ ...record, id, has_events: hasEvents });
    }
    return runs;
  }

  /**
   * The newest record; undefined without any.
   *
   * @param options `terminal`: only runs of this terminal.
   */
  async last(
    { terminal }: { terminal?: string | undefined } = {},
  ): Promise<StoredRun | undefined> {
    for (const name of this.#names()) {
      if (!name.endsWith(".json")) continue;
      const id = NAME.exec(name)![2]!;
      const record = await this.#read(name);
      if (record === undefined) continue;
      if (terminal !== undefined && record.terminal !== terminal) continue;
      return { ...record, id, has_events: false };
    }
    return undefined;
  }

  /**
   * Finds the one record whose id starts with a prefix.
   *
   * @throws {BuildError} when no record or several do.
   */
  async find(prefix: string): Promise<StoredRun> {
    const found = (await this.list()).filter(({ run }) =>
      run.startsWith(prefix)
    );
    if (found.length === 1) return found[0]!;
    throw new BuildError(
      found.length === 0
        ? `Cannot find the run ${prefix}: there is no record of it`
        : `Cannot find the run ${prefix}: ${found.length} ids start with it`,
      { hint: "List the ids with ftl runs list" },
    );
  }

  /** The events of a record that has them, exactly as they were stored. */
  async events({ started, id }: StoredRun): Promise<string> {
    const name = `${started.replace(/[-:.]/g, "")}-${id}.ndjson`;
    const bytes = await readIfPresent(join(this.path, name));
    return new TextDecoder().decode(bytes);
  }

  /** The names of records, the newest first. */
  #names(): string[] {
    return this.#all().filter((name) => NAME.test(name)).sort().reverse();
  }

  #all(): string[] {
    try {
      return Array.from(Deno.readDirSync(this.path), ({ name }) => name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return []; // removed in the meantime
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
      return undefined; // gone in the meantime, or cut short by a full disk
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
    for (const [index, paths] of [...stems.values()].entries()) {
      for (const path of paths) {
        if (path.endsWith(".ndjson")) bytes += await sizeOf(path);
        const isTooLarge = path.endsWith(".ndjson") && bytes > MAX_EVENT_BYTES;
        if (index >= MAX_RUNS || isTooLarge) await removeQuietly(path);
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

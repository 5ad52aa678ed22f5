// Records of the jobs that were started here: on which hosts, and how these are
// reached, so that a job can be asked about by its name alone. Results stay on the
// hosts. Bounded in number; only the owner can read it.
import { join } from "@std/path";
import { readIfPresent } from "../disk/read.ts";
import { UNFINISHED, writeAtomically } from "../disk/write.ts";
import { defaultFolder, openFolder } from "./folder.ts";

/** A job that was started on some hosts. */
export interface JobRecord {
  /** The part of its name that all hosts share: `j` and digits. */
  readonly job: string;
  /** ISO 8601 in UTC. */
  readonly started: string;
  /** What was run, masked: `apt upgrade=dist`. */
  readonly call: string;
  /** Its time limit in seconds. */
  readonly seconds: number;
  /** Its whole name on each host; null where it is not known whether it started. */
  readonly hosts: Readonly<Record<string, string | null>>;
  /** The options that reach these hosts, without secrets. */
  readonly options: Readonly<Record<string, unknown>>;
}

const MAX_JOBS = 200;
const NAME = /^(\d{8}T\d{9}Z)-(j\d+)\.json$/;

/**
 * Opens the records, and creates their folder when it is missing.
 *
 * @param home The store's folder. Default: `FTL_HOME`, else `~/.ftl`.
 * @throws {BuildError} when the folder is not safe.
 */
export async function openJobs(home?: string): Promise<Jobs> {
  const folder = await openFolder(home ?? await defaultFolder());
  return new Jobs(await openFolder(join(folder, "jobs")));
}

/** The records of one store. */
export class Jobs {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Stores a record, or replaces the one of this job. */
  async put(record: JobRecord): Promise<void> {
    const time = record.started.replace(/[-:.]/g, "");
    const text = JSON.stringify(record) + "\n";
    await writeAtomically(
      join(this.path, `${time}-${record.job}.json`),
      new TextEncoder().encode(text),
    );
    for (const name of this.#names().slice(MAX_JOBS)) {
      // Another process may have removed it just now.
      await Deno.remove(join(this.path, name)).catch(() => {});
    }
  }

  /** Lists all records, the newest first. Damaged ones are skipped. */
  async list(): Promise<JobRecord[]> {
    const records = await Promise.all(
      this.#names().map((name) => this.#read(name)),
    );
    return records.filter((record) => record !== undefined);
  }

  /** The record of a job, by its name with or without a host's part. */
  async find(job: string): Promise<JobRecord | undefined> {
    const stem = job.split(".")[0];
    const name = this.#names().find((name) => NAME.exec(name)![2] === stem);
    return name === undefined ? undefined : await this.#read(name);
  }

  /** The names of records, the newest first. */
  #names(): string[] {
    return Array.from(Deno.readDirSync(this.path), ({ name }) => name)
      .filter((name) => !name.startsWith(UNFINISHED) && NAME.test(name))
      .sort().reverse();
  }

  async #read(name: string): Promise<JobRecord | undefined> {
    const bytes = await readIfPresent(join(this.path, name));
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return undefined; // gone in the meantime, or cut short by a full disk
    }
  }
}

// The keys of workers that a sender has pinned, as known_hosts does for hosts: lines of
// a worker's name and its key. Secrets are sealed for pinned keys only. A worker that
// shows another key than the pinned one is refused, with or without secrets.
import { FtlError, messageOf } from "../../../errors.ts";
import { trustedFile } from "./trusted_file.ts";
import { parseWorkerKey } from "./worker_key.ts";

/** A worker as it announces itself; anybody who may publish can do that. */
export interface AnnouncedWorker {
  readonly name: string;
  /** `ftl-worker-…` */
  readonly key: string;
}

interface Pin {
  readonly key: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly line: number;
}

/** The pinned keys of one file. */
export class KnownWorkers {
  readonly #path: string;
  readonly #pins: ReadonlyMap<string, readonly Pin[]>;

  private constructor(
    path: string,
    pins: ReadonlyMap<string, readonly Pin[]>,
  ) {
    this.#path = path;
    this.#pins = pins;
  }

  /**
   * Reads a file; without one, no worker is pinned.
   *
   * @throws {FtlError} when a line is wrong, or others could write to the file.
   */
  static async load(path: string): Promise<KnownWorkers> {
    const pins = new Map<string, Pin[]>();
    const lines = (await readText(path)).split(/\r?\n/);
    for (const [i, raw] of lines.entries()) {
      const line = raw.trim();
      if (line === "" || line.startsWith("#")) continue;
      const [name, key, ...rest] = line.split(/\s+/) as [string, string?];
      try {
        if (key === undefined || rest.length > 0) {
          throw new Error("it must be a name and a key");
        }
        const pin = { key, publicKey: await parseWorkerKey(key), line: i + 1 };
        pins.set(name, [...pins.get(name) ?? [], pin]);
      } catch (cause) {
        throw new FtlError(
          `Cannot read ${path}:${i + 1}: ${messageOf(cause)}`,
          { hint: "Write NAME ftl-worker-…, one worker on a line", cause },
        );
      }
    }
    return new KnownWorkers(path, pins);
  }

  /** All pinned keys. */
  get keys(): Uint8Array<ArrayBuffer>[] {
    return [...this.#pins.values()].flatMap((pins) =>
      pins.map(({ publicKey }) => publicKey)
    );
  }

  /** Whether a key is pinned, or none is. */
  believes(key: string): boolean {
    return this.#pins.size === 0 ||
      this.#pins.values().some((pins) => pins.some((pin) => pin.key === key));
  }

  /**
   * Requires that a worker has a pinned key, or that its name has none.
   *
   * @returns its public key when it is pinned; undefined when its name is not.
   * @throws {FtlError} when another key is pinned for its name.
   */
  check({ name, key }: AnnouncedWorker): Uint8Array<ArrayBuffer> | undefined {
    const pins = this.#pins.get(name);
    if (pins === undefined) return undefined;
    const found = pins.find((pin) => pin.key === key);
    if (found !== undefined) return found.publicKey;
    const [{ line }] = pins as [Pin];
    throw new FtlError(
      `Cannot trust worker ${quoted(name)}: it shows the key ${
        quoted(key)
      }, and ${this.#path}:${line} pins another`,
      {
        hint:
          "Run ftl worker --show-key on that machine; if it prints this key, replace the line",
      },
    );
  }

  /**
   * The public key to seal secrets for.
   *
   * @throws {FtlError} when no key is pinned for the worker's name, or another is.
   */
  require(worker: AnnouncedWorker): Uint8Array<ArrayBuffer> {
    const publicKey = this.check(worker);
    if (publicKey !== undefined) return publicKey;
    throw new FtlError(
      `Cannot send secrets to worker ${
        quoted(worker.name)
      }: its key is not pinned in ${this.#path}`,
      {
        hint:
          `Run ftl worker --show-key on that machine, and add the line NAME KEY to ${this.#path}`,
      },
    );
  }
}

async function readText(path: string): Promise<string> {
  try {
    await trustedFile(path);
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return "";
    throw new FtlError(
      `Cannot read the workers' keys in ${path}: ${messageOf(cause)}`,
      { hint: "Name a file of lines NAME ftl-worker-…", cause },
    );
  }
}

/** A text of a worker that nobody vouches for. */
function quoted(text: string): string {
  if (/^[\w.@-]{1,100}$/.test(text)) return text;
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

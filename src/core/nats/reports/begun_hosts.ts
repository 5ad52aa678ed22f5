// The hosts that a worker has begun in one run, in a file of its own: what the NATS
// server says about that may be wrong or lost. A host is noted before its call begins,
// so a worker that was killed, and gets the same call again, never repeats it.
import { join } from "@std/path";
import { FtlError, messageOf } from "../../../errors.ts";
import { openFolder } from "../../../store/folder.ts";

/** For how long files are kept: longer than any call is valid. */
const KEPT_MS = 8 * 24 * 60 * 60 * 1000;

/** Each host is its number in the run, in four bytes. */
const NUMBER_BYTES = 4;

/** What a worker knows of one run. One process uses it at a time. */
export class BegunHosts {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #begun = new Set<number>();
  #isClosed = false;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens the file of a run.
   *
   * @param folder The worker's own; made when it is missing.
   * @param options `sender`: the fingerprint of the key that signs the run's calls;
   * runs of two senders are never the same.
   * @throws {FtlError} when the file cannot be used.
   */
  static async open(
    folder: string,
    { run, sender }: { run: string; sender: string },
  ): Promise<BegunHosts> {
    const real = await openFolder(folder);
    const path = join(real, await fileOf(run, sender));
    try {
      const file = await Deno.open(path, {
        read: true,
        append: true,
        create: true,
        mode: 0o600,
      });
      const hosts = new BegunHosts(path, file);
      try {
        await hosts.#load();
      } catch (error) {
        file.close();
        throw error;
      }
      return hosts;
    } catch (cause) {
      throw refusal(path, cause);
    }
  }

  /**
   * Notes that hosts begin.
   *
   * @returns those that have not begun before.
   * @throws {FtlError} when that cannot be noted; they must not begin then.
   */
  begin(indexes: readonly number[]): number[] {
    const fresh = indexes.filter((index) => !this.#begun.has(index));
    if (fresh.length === 0) return fresh;
    const bytes = new Uint8Array(fresh.length * NUMBER_BYTES);
    const view = new DataView(bytes.buffer);
    for (const [i, index] of fresh.entries()) {
      view.setUint32(i * NUMBER_BYTES, index);
    }
    try {
      if (this.#file.writeSync(bytes) < bytes.length) {
        throw new Error("the disk is full");
      }
    } catch (cause) {
      throw refusal(this.#path, cause);
    }
    for (const index of fresh) this.#begun.add(index);
    return fresh;
  }

  /** Whether a host has begun. */
  has(index: number): boolean {
    return this.#begun.has(index);
  }

  /** Closes the file; more than once does no harm. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file.close();
  }

  async #load(): Promise<void> {
    const { size } = await this.#file.stat();
    // A full disk may leave a part of a number; that host did not begin.
    const whole = size - size % NUMBER_BYTES;
    if (whole < size) await this.#file.truncate(whole);
    const bytes = new Uint8Array(whole);
    for (let at = 0; at < whole;) {
      const read = await this.#file.read(bytes.subarray(at));
      if (read === null) break;
      at += read;
    }
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < whole; at += NUMBER_BYTES) {
      this.#begun.add(view.getUint32(at));
    }
  }
}

/**
 * Removes the files of runs whose calls have expired.
 *
 * @param now in ms since 1970. Default: now.
 */
export async function removeOldRuns(
  folder: string,
  now: number = Date.now(),
): Promise<void> {
  const real = await openFolder(folder);
  for await (const { name } of Deno.readDir(real)) {
    if (!name.endsWith(".begun")) continue;
    const path = join(real, name);
    const { mtime } = await Deno.lstat(path);
    if (now - (mtime?.getTime() ?? now) > KEPT_MS) await Deno.remove(path);
  }
}

/** A name that neither a run nor a sender can lead elsewhere. */
async function fileOf(run: string, sender: string): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify([run, sender]));
  const hash = await crypto.subtle.digest("SHA-256", text);
  return `${new Uint8Array(hash).toHex()}.begun`;
}

function refusal(path: string, cause: unknown): FtlError {
  return new FtlError(
    `Cannot note in ${path} which hosts have begun: ${messageOf(cause)}`,
    { hint: "Make room for it, or set FTL_HOME", cause },
  );
}

// The calls that a worker has accepted, by id, until they expire. They are kept on
// disk, so that a call which comes again is known after the worker was killed too. When
// there are too many, new calls are refused: forgetting would let a call come again.
import { join } from "@std/path";
import { appendLine } from "../../../disk/append.ts";
import { readIfPresent } from "../../../disk/read.ts";
import { writeAtomically } from "../../../disk/write.ts";
import { FtlError, messageOf } from "../../../errors.ts";
import { openFolder } from "../../../store/folder.ts";

/** How many calls are remembered. Each takes about 200 bytes of memory. */
const MAX_CALLS = 200_000;

/** The file is rewritten when it has this many lines more than are needed. */
const MAX_STALE_LINES = 10_000;

/** Stands for an id in the line with the latest expiry that was forgotten. */
const FORGOTTEN = "forgotten";

/** What is remembered about calls. One worker uses a folder at a time. */
export class SeenCalls {
  readonly #path: string;
  readonly #lock: Deno.FsFile;
  readonly #most: number;
  /** When each expires, in ms since 1970. */
  readonly #expiries = new Map<string, number>();
  /**
   * The latest expiry of a call that was forgotten. What expires no later may have
   * come before, which matters when this machine's clock was set back.
   */
  #forgotten = 0;
  #lines = 0;

  private constructor(path: string, lock: Deno.FsFile, most: number) {
    this.#path = path;
    this.#lock = lock;
    this.#most = most;
  }

  /**
   * Opens the memory of a worker.
   *
   * @param folder Its own folder; made when it is missing.
   * @param options `most`: how many calls are remembered; default 200 000.
   * @throws {FtlError} when another worker uses it, or it cannot be read.
   */
  static async open(
    folder: string,
    { most = MAX_CALLS, now = Date.now() } = {},
  ): Promise<SeenCalls> {
    const real = await openFolder(folder);
    const lock = await Deno.open(join(real, "worker.lock"), {
      write: true,
      create: true,
      mode: 0o600,
    });
    if (!await lock.tryLock(true)) {
      lock.close();
      throw new FtlError(`Cannot start a worker: another one uses ${real}`, {
        hint: "End the other one, or set FTL_HOME to a folder for each",
      });
    }
    const seen = new SeenCalls(join(real, "seen_calls"), lock, most);
    try {
      await seen.#load(now);
      return seen;
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  async #load(now: number): Promise<void> {
    const text = new TextDecoder().decode(
      await this.#failing(readIfPresent(this.#path)),
    );
    for (const line of text.split("\n")) {
      const [, expires, id] = /^(\d{1,15}) ([\x21-\x7e]{1,64})$/.exec(line) ??
        [];
      // A worker that is killed may leave half a line; that call never began.
      if (id === FORGOTTEN) this.#forgotten = Number(expires);
      else if (id !== undefined) this.#expiries.set(id, Number(expires));
    }
    this.#forget(now);
    await this.#rewrite();
  }

  /** Whether a call was noted. */
  has(id: string): boolean {
    return this.#expiries.has(id);
  }

  /**
   * Notes a call.
   *
   * @param now in ms since 1970. Default: now.
   * @returns false when it was noted before.
   * @throws {FtlError} when it cannot be noted; it must not be run then.
   */
  async take(
    { id, expires }: { readonly id: string; readonly expires: number },
    now: number = Date.now(),
  ): Promise<boolean> {
    if (!/^[\x21-\x7e]{1,64}$/.test(id) || id === FORGOTTEN) {
      throw new FtlError("Cannot accept a call: its id is malformed");
    }
    if (this.#expiries.has(id)) return false;
    if (expires <= this.#forgotten) {
      throw new FtlError(
        "Cannot accept a call: it may have come before, because this machine's clock was set back since",
        { hint: "Set the clock, and run it again" },
      );
    }
    if (this.#expiries.size >= this.#most) this.#forget(now);
    if (this.#expiries.size >= this.#most) {
      throw new FtlError(
        `Cannot accept a call: ${this.#most} calls have not expired yet`,
        { hint: "Wait until some have, or start another worker" },
      );
    }
    this.#expiries.set(id, expires);
    this.#lines++;
    await this.#failing((async () => {
      if (this.#lines > this.#expiries.size + MAX_STALE_LINES) {
        this.#forget(now);
        await this.#rewrite();
      } else appendLine(this.#path, `${expires} ${id}`);
    })());
    return true;
  }

  /** Lets another worker use the folder. */
  close(): void {
    this.#lock.close();
  }

  #forget(now: number): void {
    for (const [id, expires] of this.#expiries) {
      if (expires >= now) continue;
      this.#expiries.delete(id);
      this.#forgotten = Math.max(this.#forgotten, expires);
    }
  }

  async #rewrite(): Promise<void> {
    const lines = [[FORGOTTEN, this.#forgotten], ...this.#expiries]
      .map(([id, expires]) => `${expires} ${id}\n`);
    const bytes = new TextEncoder().encode(lines.join(""));
    await this.#failing(writeAtomically(this.#path, bytes));
    this.#lines = lines.length;
  }

  async #failing<T>(step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (cause) {
      throw new FtlError(
        `Cannot remember calls in ${this.#path}: ${messageOf(cause)}`,
        { hint: "Make room for it, or set FTL_HOME", cause },
      );
    }
  }
}

// A temporary file of this user alone, without a name: it ends with the process, however
// that ends.
import { FtlError, messageOf } from "../../../errors.ts";

/** How much is read at a time. */
const CHUNK = 128 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

/** A file that is written to its end, and read anywhere. */
export class NamelessFile {
  readonly #file: Deno.FsFile;
  #size = 0;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Makes a file in the folder of temporary files.
   *
   * @throws {FtlError} when that is not possible.
   */
  static async open(): Promise<NamelessFile> {
    try {
      const path = await Deno.makeTempFile({ prefix: "ftl-worker-" });
      const opening = Deno.open(path, { read: true, write: true });
      await opening.catch(() => {}); // the name goes in any case
      await Deno.remove(path);
      return new NamelessFile(await opening);
    } catch (cause) {
      throw cannotKeep(cause);
    }
  }

  /** How many bytes it has. */
  get size(): number {
    return this.#size;
  }

  /**
   * Writes at the end.
   *
   * @throws {FtlError} when the disk is full.
   */
  append(bytes: Uint8Array): void {
    try {
      // Others read it meanwhile: nothing may come between these two.
      this.#file.seekSync(this.#size, Deno.SeekMode.Start);
      for (let rest = bytes; rest.length > 0;) {
        rest = rest.subarray(this.#file.writeSync(rest));
      }
    } catch (cause) {
      throw cannotKeep(cause);
    }
    this.#size += bytes.length;
  }

  /** A part of it. Chunks stay valid. */
  async *read(at: number, size: number): AsyncGenerator<Bytes, void> {
    const end = at + size;
    while (at < end) {
      // A new one each time: it may still be written when the next one is read.
      const buffer = new Uint8Array(Math.min(CHUNK, end - at));
      this.#file.seekSync(at, Deno.SeekMode.Start);
      const count = this.#file.readSync(buffer) ?? 0;
      if (count === 0) throw new FtlError("Cannot read a temporary file");
      at += count;
      yield await Promise.resolve(buffer.subarray(0, count));
    }
  }

  /** Lets go of it. */
  close(): void {
    this.#file.close();
  }
}

function cannotKeep(cause: unknown): FtlError {
  return new FtlError(
    `Cannot keep the files of the call: ${messageOf(cause)}`,
    {
      cause,
      hint: "Make room in the folder of temporary files, TMPDIR",
    },
  );
}

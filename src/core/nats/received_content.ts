// Content that a worker has received, for as long as a run needs it: in memory, or in
// a file of this user alone without a name, which ends with the process, however that
// ends.
import { FtlError, messageOf } from "../../errors.ts";
import { joinBytes } from "../../join_bytes.ts";
import type { NatsFiles } from "./nats_files.ts";
import { type SentContent, takeContent } from "./sent_content.ts";

/** Content up to this size stays in memory. */
const MEMORY_BYTES = 1024 ** 2;
/** How much of a file is read at a time. */
const CHUNK = 128 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

/** Content that was received whole. */
export class ReceivedContent {
  readonly #from: Bytes | Deno.FsFile;

  private constructor(from: Bytes | Deno.FsFile) {
    this.#from = from;
  }

  /**
   * Receives content.
   *
   * @throws {FtlError} when a part is missing or was changed, or the disk is full.
   */
  static async take(
    sent: SentContent,
    files: NatsFiles,
  ): Promise<ReceivedContent> {
    const parts = takeContent(sent, files);
    if (sent.size <= MEMORY_BYTES) {
      return new ReceivedContent(joinBytes(await Array.fromAsync(parts)));
    }
    const file = await openNameless();
    try {
      for await (const part of parts) await writeAll(file, part);
      return new ReceivedContent(file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** A part of the content. A chunk is valid until the next one is requested. */
  async *read(at: number, size: number): AsyncGenerator<Bytes, void> {
    const from = this.#from;
    if (from instanceof Uint8Array) {
      if (size > 0) yield from.subarray(at, at + size);
      return;
    }
    const buffer = new Uint8Array(Math.min(CHUNK, size));
    const end = at + size;
    while (at < end) {
      // Many hosts read one file: nothing may come between these two.
      from.seekSync(at, Deno.SeekMode.Start);
      const count = from.readSync(buffer.subarray(0, end - at)) ?? 0;
      if (count === 0) throw new FtlError("Cannot read the files of the call");
      at += count;
      yield await Promise.resolve(buffer.subarray(0, count));
    }
  }

  /** Lets go of it. */
  close(): void {
    if (!(this.#from instanceof Uint8Array)) this.#from.close();
  }
}

/** A file of this user alone, whose name is gone before anything is written. */
async function openNameless(): Promise<Deno.FsFile> {
  try {
    const path = await Deno.makeTempFile({ prefix: "ftl-worker-" });
    const opening = Deno.open(path, { read: true, write: true });
    await opening.catch(() => {}); // the name goes in any case
    await Deno.remove(path);
    return await opening;
  } catch (cause) {
    throw cannotKeep(cause);
  }
}

async function writeAll(file: Deno.FsFile, bytes: Bytes): Promise<void> {
  try {
    for (let rest = bytes; rest.length > 0;) {
      rest = rest.subarray(await file.write(rest));
    }
  } catch (cause) {
    throw cannotKeep(cause);
  }
}

function cannotKeep(cause: unknown): FtlError {
  return new FtlError(
    `Cannot keep the files of the call on this worker: ${messageOf(cause)}`,
    { cause, hint: "Make room in its folder of temporary files, TMPDIR" },
  );
}

// Content that was received, for as long as a run needs it: in memory, or in a file
// without a name.
import { joinBytes } from "../../../join_bytes.ts";
import { NamelessFile } from "./nameless_file.ts";
import type { NatsFiles } from "../server/nats_files.ts";
import { type SentContent, takeContent } from "./sent_content.ts";

/** Content up to this size stays in memory. */
const MEMORY_BYTES = 1024 ** 2;

type Bytes = Uint8Array<ArrayBuffer>;

/** Content that was received whole. */
export class ReceivedContent {
  readonly #from: Bytes | NamelessFile;

  private constructor(from: Bytes | NamelessFile) {
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
    const file = await NamelessFile.open();
    try {
      for await (const part of parts) file.append(part);
      return new ReceivedContent(file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** A part of the content. A chunk is valid until the next one is requested. */
  async *read(at: number, size: number): AsyncGenerator<Bytes, void> {
    if (this.#from instanceof NamelessFile) {
      yield* this.#from.read(at, size);
    } else if (size > 0) yield this.#from.subarray(at, at + size);
  }

  /** Lets go of it. */
  close(): void {
    if (this.#from instanceof NamelessFile) this.#from.close();
  }
}

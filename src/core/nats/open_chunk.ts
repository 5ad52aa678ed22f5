// Checks who sent a chunk, and opens what is sealed in it. A chunk that was changed,
// or is from a sender who is not allowed, is refused before anything in it is used.
import { FtlError } from "../../errors.ts";
import { type OpeningKey, openSealed } from "./sealed.ts";
import { decodeMessage, type SentBody, type SentChunk } from "./sent_call.ts";

/** Opens chunks for one worker. */
export interface ChunkOpener {
  /**
   * The chunk in the bytes of a message.
   *
   * @throws {FtlError} when its sender is not allowed, or it was changed.
   */
  verify(bytes: Uint8Array): Promise<SentChunk>;
  /**
   * What a chunk says.
   *
   * @throws {FtlError} when it is sealed for another worker.
   */
  open(chunk: SentChunk): Promise<SentBody>;
}

/** What sealed chunks are for. */
export const PURPOSE = "call";

/** Opens chunks of every sender that the NATS server lets in. */
export function openerFor(key: OpeningKey): ChunkOpener {
  return {
    verify: (bytes) => Promise.resolve(decodeMessage<SentChunk>(bytes)),
    async open({ body, sealed, run }) {
      if (sealed === undefined) {
        if (body !== undefined) return body;
        throw new FtlError("Cannot read a call of NATS: it says nothing");
      }
      const context = { run, sender: "", purpose: PURPOSE };
      const bytes = await openSealed(
        Uint8Array.fromBase64(sealed),
        key,
        context,
      );
      return decodeMessage<SentBody>(bytes);
    },
  };
}

/** The numbers of the hosts of a chunk, as far as they can be read. */
export async function readHosts(
  bytes: Uint8Array,
  opener: ChunkOpener,
): Promise<number[]> {
  try {
    const { body } = await opener.verify(bytes);
    return body?.hosts.map(({ index }) => index) ?? [];
  } catch {
    return []; // the sender knows which hosts the chunk has
  }
}

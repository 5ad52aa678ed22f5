// Messages of any size: what does not fit in one travels as an object of the
// bucket, and the message names it by its hash.
import { FtlError } from "../../../errors.ts";
import type { NatsLink } from "./nats_link.ts";
import type { NatsFiles } from "./nats_files.ts";

/** Room that headers and signatures need. */
const SPARE_BYTES = 16 * 1024;
/** No message is larger, whatever the server takes: it would hold up others. */
const MOST_INLINE = 512 * 1024;
/** The largest body of an event: results of hosts may have 48 MiB, and escapes. */
const MOST_BYTES = 256 * 1024 ** 2;
/**
 * The largest body of a call. It is read before its signature is checked, so it is
 * bounded first.
 */
export const MOST_CALL_BYTES = 16 * 1024 ** 2;

/** The first byte of a message: its body follows, or the hash of an object. */
const INLINE = 1;
const OBJECT = 2;

/** The largest body that needs no object. */
export function inlineBytes({ maxPayload }: NatsLink): number {
  return Math.min(maxPayload - SPARE_BYTES, MOST_INLINE);
}

/** Packs and unpacks messages. */
export class NatsBodies {
  readonly #files: NatsFiles;
  readonly #limit: number;

  constructor(link: NatsLink, files: NatsFiles) {
    this.#files = files;
    this.#limit = inlineBytes(link);
  }

  /** A message for a body. */
  async pack(body: Uint8Array): Promise<Uint8Array> {
    if (body.length <= this.#limit) return tagged(INLINE, body);
    const hash = await this.#files.put(body);
    return tagged(OBJECT, new TextEncoder().encode(hash));
  }

  /**
   * The body of a message.
   *
   * @param options `most`: how many bytes it may have. Default: 256 MiB.
   * @throws {FtlError} when it is malformed or too large, or its object is missing
   *   or changed.
   */
  async unpack(
    message: Uint8Array,
    { most = MOST_BYTES }: { most?: number } = {},
  ): Promise<Uint8Array> {
    const body = message.subarray(1);
    if (message[0] === INLINE) return body;
    if (message[0] === OBJECT) {
      return await this.#files.get(new TextDecoder().decode(body), { most });
    }
    throw new FtlError("Cannot read a message of NATS: it is not one of ftl's");
  }
}

function tagged(tag: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = tag;
  bytes.set(body, 1);
  return bytes;
}

// Checks who sent a chunk, and opens what is sealed in it. A chunk that was changed,
// came before, or is from a sender who is not allowed, is refused before anything in
// it is used.
import { FtlError } from "../../errors.ts";
import type { AllowedSenders } from "./allowed_senders.ts";
import { type OpeningKey, openSealed } from "./sealed.ts";
import type { SeenCalls } from "./seen_calls.ts";
import {
  decodeMessage,
  type JoinAnswer,
  type SentBody,
  type SentChunk,
} from "./sent_call.ts";
import { isSigned, unverifiedCall, verifyCall } from "./signed.ts";

/** What sealed chunks are for. */
export const PURPOSE = "call";

/** For whom chunks of a site are signed. */
export function siteRecipient(site: string): string {
  return `site ${site}`;
}

/** For whom an answer to a worker is signed. */
export function workerRecipient(id: string): string {
  return `worker ${id}`;
}

/** The senders that a worker allows, and what it remembers of their calls. */
export interface Trust {
  readonly allowed: AllowedSenders;
  readonly seen: SeenCalls;
}

/** A chunk whose sender was checked. */
export interface VerifiedChunk {
  readonly chunk: SentChunk;
  /** Who signed it; undefined when it is not signed. */
  readonly signer: string | undefined;
  /** Notes that the call was made, so that it is not made again. */
  readonly done: () => Promise<void>;
}

/** Opens what senders say to one worker. */
export class ChunkOpener {
  readonly #key: OpeningKey;
  readonly #trust: Trust | undefined;
  readonly #recipients: readonly string[];

  /** @param options `trust`: default: everybody whom the NATS server lets in. */
  constructor(
    { key, trust, sites, id }: {
      key: OpeningKey;
      trust: Trust | undefined;
      /** The sites whose chunks the worker takes. */
      sites: readonly string[];
      /** The id of the worker's process. */
      id: string;
    },
  ) {
    this.#key = key;
    this.#trust = trust;
    this.#recipients = [...sites.map(siteRecipient), workerRecipient(id)];
  }

  /**
   * The chunk in the bytes of a message.
   *
   * @throws {FtlError} when its sender is not allowed, it was changed, or came before.
   */
  async verify(bytes: Uint8Array): Promise<VerifiedChunk> {
    const { body, signer, id, expires } = await this.#verified(bytes);
    const seen = this.#trust?.seen;
    if (id !== undefined && seen?.has(id)) {
      throw new FtlError(
        "Cannot take the call: this worker has made it before",
        { hint: "Check who can write to the NATS server" },
      );
    }
    return {
      chunk: decodeMessage<SentChunk>(body),
      signer,
      done: async () => {
        if (id !== undefined) await seen?.take({ id, expires });
      },
    };
  }

  /**
   * What a chunk says.
   *
   * @throws {FtlError} when it is sealed for another worker.
   */
  async open(
    { chunk: { body, sealed, run }, signer }: VerifiedChunk,
  ): Promise<SentBody> {
    if (sealed === undefined) {
      if (body !== undefined) return body;
      throw new FtlError("Cannot read a call of NATS: it says nothing");
    }
    const context = { run, sender: signer ?? "", purpose: PURPOSE };
    const bytes = await openSealed(
      Uint8Array.fromBase64(sealed),
      this.#key,
      context,
    );
    return decodeMessage<SentBody>(bytes);
  }

  /**
   * A sender's answer to this worker.
   *
   * @throws {FtlError} when it is not from an allowed sender of this run.
   */
  async answer(bytes: Uint8Array, run: string): Promise<JoinAnswer> {
    const { body, run: signedRun } = await this.#verified(bytes);
    if (signedRun !== undefined && signedRun !== run) {
      throw new FtlError("Cannot accept an answer: it is of another run");
    }
    return decodeMessage<JoinAnswer>(body);
  }

  async #verified(bytes: Uint8Array): Promise<{
    body: Uint8Array;
    signer: string | undefined;
    run?: string;
    id?: string;
    expires: number;
  }> {
    if (this.#trust === undefined) {
      if (!isSigned(bytes)) {
        return { body: bytes, signer: undefined, expires: 0 };
      }
      const { body, fingerprint } = unverifiedCall(bytes);
      return { body, signer: fingerprint, expires: 0 };
    }
    if (!isSigned(bytes)) {
      throw new FtlError("Cannot accept a call: it is not signed", {
        hint: "Name the key that signs with --sign-key",
      });
    }
    const { body, signer, run, id, expires } = await verifyCall(bytes, {
      allowed: this.#trust.allowed,
      recipients: this.#recipients,
    });
    return { body, signer: signer.fingerprint, run, id, expires };
  }
}

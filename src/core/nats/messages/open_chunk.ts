// Checks who sent a chunk, and opens what is sealed in it. A chunk that was changed,
// came before, or is from a sender who is not allowed, is refused before anything in
// it is used.
import { FtlError, hintOf, messageOf } from "../../../errors.ts";
import type { ExchangeKey } from "../trust/exchange_key.ts";
import { MessageMembers } from "./message_members.ts";
import { openSealed } from "../trust/sealed.ts";
import type {
  ControlMessage,
  JoinAnswer,
  RefusalNote,
  SentBody,
  SentChunk,
} from "./sent_call.ts";
import { readBody, readChunk } from "./received_call.ts";
import { readControl, readJoinAnswer } from "./received_note.ts";
import {
  openMessage,
  type SenderTrust,
  type VerifiedMessage,
} from "../trust/signed_message.ts";

/** What sealed chunks are for. */
export const PURPOSE = "call";

/** For whom chunks of a site are signed. */
export function siteRecipient(site: string): string {
  return `site ${site}`;
}

/** For whom beats and cancels are signed. */
export function runRecipient(run: string): string {
  return `workers of run ${run}`;
}

/** For whom an answer to a worker is signed. */
export function workerRecipient(id: string): string {
  return `worker ${id}`;
}

/** A chunk whose sender was checked. */
export interface VerifiedChunk {
  readonly chunk: SentChunk;
  /** The fingerprint of the key that signed it; undefined without one. */
  readonly signer: string | undefined;
  /** The public key that events of the run are sealed for. Default: they are not. */
  readonly receiver: Uint8Array | undefined;
  /** Notes that the call was made, so that it is not made again. */
  readonly done: () => Promise<void>;
}

/** Opens what senders say to one worker. */
export class ChunkOpener {
  readonly #key: ExchangeKey;
  readonly #trust: SenderTrust | undefined;
  readonly #recipients: readonly string[];

  /** @param options `trust`: default: everybody whom the NATS server lets in. */
  constructor(
    { key, trust, sites, id }: {
      key: ExchangeKey;
      trust: SenderTrust | undefined;
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
    const { body, signer, receiver, call } = await this.#verified(bytes);
    const seen = this.#trust?.seen;
    if (call !== undefined && seen?.has(call.id)) {
      throw new MadeBefore();
    }
    return {
      chunk: readChunk(body),
      ...{ signer, receiver },
      done: async () => {
        if (call !== undefined) await seen?.take(call);
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
    const bytes = await openSealed(fromBase64(sealed), this.#key, context);
    return readBody(bytes);
  }

  /**
   * A sender's answer to this worker.
   *
   * @throws {FtlError} when it is not from an allowed sender of this run.
   */
  async answer(bytes: Uint8Array, run: string): Promise<JoinAnswer> {
    const { body, call } = await this.#verified(bytes);
    if (call !== undefined && call.run !== run) {
      throw new FtlError("Cannot accept an answer: it is of another run");
    }
    return readJoinAnswer(body);
  }

  /**
   * What a sender tells the workers of a run.
   *
   * @throws {FtlError} when it is not from an allowed sender of this run.
   */
  async control(
    bytes: Uint8Array,
    { run, signer }: { run: string; signer: string | undefined },
  ): Promise<ControlMessage> {
    const opened = await this.#verified(bytes, [runRecipient(run)]);
    if (opened.call !== undefined && opened.signer !== signer) {
      throw new FtlError("Cannot accept a message: it is of another sender");
    }
    return readControl(opened.body);
  }

  #verified(
    bytes: Uint8Array,
    recipients = this.#recipients,
  ): Promise<VerifiedMessage> {
    return openMessage(bytes, { trust: this.#trust, recipients });
  }
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw new FtlError("Cannot open sealed bytes: they are not base64");
  }
}

/** A chunk that no worker may take, whatever worker it is. */
export class InvalidCall extends FtlError {
  constructor(why: string) {
    super(`Cannot take the call: ${why}`, {
      hint: "Check who can write to the NATS server",
    });
  }
}

/** A chunk that this worker has made before. */
export class MadeBefore extends InvalidCall {
  constructor() {
    super("this worker has made it before");
  }
}

/** A chunk with the id of a run that another sender has signed. */
export class ForeignRun extends InvalidCall {
  constructor() {
    super("its run belongs to another sender");
  }
}

/** Why a worker refuses a chunk, for its sender. */
export function refusalNote(
  error: unknown,
  { sent, ...about }: Pick<RefusalNote, "worker" | "id" | "isFinal"> & {
    /** What its sender says of it; undefined when no allowed one is known. */
    sent: SentChunk | undefined;
  },
): RefusalNote {
  const hint = hintOf(error);
  const why = messageOf(error) + (hint === undefined ? "" : ` (${hint})`);
  return {
    ...{ ...about, why },
    ...(sent && { chunk: sent.chunk, hosts: sent.hosts }),
  };
}

/** The host that a question is about; one that does not exist when it is malformed. */
export function askedHost(
  question: Uint8Array,
): { run: string; index: number } {
  try {
    const asked = MessageMembers.parse(question);
    return { run: asked.text("run"), index: asked.count("index") };
  } catch {
    return { run: "", index: -1 };
  }
}

// Hosts that are taken back from workers: the sender notes that it begins them itself,
// which keeps every worker from doing so, and stores their results.
import type { HostResult } from "../../call/call.ts";
import type { NatsLink } from "../server/nats_link.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { publishOnce } from "../server/publish_once.ts";
import type { MessagePacking } from "../trust/sealed_bodies.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { BeginNote } from "../messages/sent_call.ts";

/** Stands for the id of a worker's process in the notes of a sender. */
export const SENDER_ID = "sender";

/** Stores what the sender of a run says of its hosts. */
export class TakenBack {
  readonly #link: NatsLink;
  readonly #run: string;
  readonly #packing: () => Promise<Pick<MessagePacking, "pack">>;

  constructor(
    link: NatsLink,
    { run, packing }: {
      run: string;
      packing: () => Promise<Pick<MessagePacking, "pack">>;
    },
  ) {
    this.#link = link;
    this.#run = run;
    this.#packing = packing;
  }

  /**
   * Takes a host back and stores its result.
   *
   * @param signal Ends the attempts while the server is away.
   * @returns false when a worker has begun the host, or that is not known.
   */
  async take(
    index: number,
    result: HostResult,
    signal: AbortSignal,
  ): Promise<boolean> {
    const note: BeginNote = { worker: SENDER_ID, id: SENDER_ID };
    try {
      if (!await this.#publish("begin", index, note, signal)) return false;
    } catch {
      return false; // the server is away
    }
    await this.store(index, result, signal);
    return true;
  }

  /** Stores a result unless the host has one. Never rejects. */
  async store(
    index: number,
    result: HostResult,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#publish("result", index, result, signal)
      .catch(() => {}); // the run is over, or the server is away
  }

  async #publish(
    kind: "begin" | "result",
    index: number,
    message: BeginNote | HostResult,
    signal: AbortSignal,
  ): Promise<boolean> {
    return await publishOnce(this.#link, {
      subject: SUBJECTS.event(this.#run, kind, index),
      payload: await (await this.#packing()).pack(encodeNats(message)),
      id: `${this.#run}.${kind}.${index}.${SENDER_ID}`,
      signal,
    });
  }
}

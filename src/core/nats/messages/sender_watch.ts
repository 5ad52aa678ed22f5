// Whether the sender of a run is still there, as a worker sees it. A run whose
// sender is silent for a minute is cancelled, unless it was sent to go on alone.
import { pause } from "../../../async/deadline.ts";
import { FtlError } from "../../../errors.ts";
import type { NatsLink } from "../server/nats_link.ts";
import type { ChunkOpener } from "./open_chunk.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { JoinRequest } from "./sent_call.ts";

/** How long a sender may be silent. */
export const SENDER_SILENCE_MS = 60_000;
/** How often senders and workers give a sign of life. */
export const BEAT_MS = 10_000;

const CHECK_MS = 2_000;
const ANSWER_MS = 5_000;

/** Watches the sender of one run. */
export class SenderWatch {
  readonly #link: NatsLink;
  readonly #run: string;
  readonly #signer: string | undefined;
  readonly #request: Omit<JoinRequest, "nonce">;
  readonly #opener: ChunkOpener;
  readonly #gone = new AbortController();
  readonly #stop: () => void;
  #heardAt = performance.now();
  #joined: Promise<void> | undefined;

  constructor(
    link: NatsLink,
    { run, signer, request, opener, detached }: {
      run: string;
      /** The fingerprint of the sender's key; undefined without one. */
      signer: string | undefined;
      request: Omit<JoinRequest, "nonce">;
      opener: ChunkOpener;
      detached: boolean;
    },
  ) {
    this.#link = link;
    this.#run = run;
    this.#signer = signer;
    this.#request = request;
    this.#opener = opener;
    const control = link.connection.subscribe(SUBJECTS.control(run), {
      callback: (error, message) => {
        if (error !== null) return;
        this.#take(message.data).catch(() => {}); // not from the sender
      },
    });
    const beats = detached ? undefined : setInterval(() => {
      this.#beat();
      if (performance.now() - this.#heardAt < SENDER_SILENCE_MS) return;
      this.#end(`The sender was silent for ${SENDER_SILENCE_MS / 1000} s`);
    }, CHECK_MS);
    this.#stop = () => {
      clearInterval(beats);
      control.unsubscribe();
    };
    if (detached) this.#joined = Promise.resolve();
  }

  /** Aborts when the run was cancelled, or its sender is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Why the run ended; undefined when it goes on, or its sender cancelled it. */
  why: string | undefined;

  /**
   * Asks the sender whether this worker may take part. A sender that is gone ends
   * the run.
   *
   * @throws {FtlError} when the sender refuses this worker.
   */
  join(): Promise<void> {
    return this.#joined ??= this.#join();
  }

  /** Stops watching. */
  close(): void {
    this.#stop();
  }

  async #join(): Promise<void> {
    const nonce = crypto.randomUUID();
    while (!this.#gone.signal.aborted) {
      try {
        const answer = await this.#link.connection.request(
          SUBJECTS.sender(this.#run),
          encodeNats({ ...this.#request, nonce }),
          { timeout: ANSWER_MS },
        );
        const said = await this.#opener.answer(answer.data, this.#run);
        this.#heardAt = performance.now();
        if (said.nonce === nonce && said.refused === undefined) return;
        throw new FtlError(
          said.refused ??
            "Cannot take the call: its sender's answer is an old one",
        );
      } catch (error) {
        if (error instanceof FtlError) throw error;
      }
      // It may be connecting again.
      await pause(CHECK_MS, this.#gone.signal).catch(() => {});
    }
  }

  #beatAt = 0;

  #beat(): void {
    const now = performance.now();
    if (now - this.#beatAt < BEAT_MS) return;
    this.#beatAt = now;
    if (this.#link.connection.isClosed()) return;
    const { worker, id } = this.#request;
    this.#link.tell(
      SUBJECTS.beats(this.#run),
      encodeNats({ worker, id }),
    );
  }

  /** The last beat. One that comes again does not count. */
  #lastBeat = -1;

  async #take(data: Uint8Array): Promise<void> {
    const said = await this.#opener.control(data, {
      run: this.#run,
      signer: this.#signer,
    });
    if (said.type === "cancel") return this.#end(undefined);
    if (said.number <= this.#lastBeat) return;
    this.#lastBeat = said.number;
    this.#heardAt = performance.now();
  }

  #end(why: string | undefined): void {
    if (this.#gone.signal.aborted) return;
    this.why = why;
    this.#gone.abort(new DOMException("The run was cancelled", "AbortError"));
  }
}

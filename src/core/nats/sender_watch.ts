// Whether the sender of a run is still there, as a worker sees it. A run whose
// sender is silent for a minute is cancelled, unless it was sent to go on alone.
import { pause } from "../../async/deadline.ts";
import { FtlError } from "../../errors.ts";
import type { NatsLink } from "./nats_link.ts";
import { SUBJECTS } from "./nats_subjects.ts";
import {
  type ControlMessage,
  decodeMessage,
  encodeMessage,
  type JoinAnswer,
  type JoinRequest,
} from "./sent_call.ts";

/** How long a sender may be silent. */
export const SILENCE_MS = 60_000;
/** How often senders and workers give a sign of life. */
export const BEAT_MS = 10_000;

const CHECK_MS = 2_000;
const ANSWER_MS = 5_000;

/** Watches the sender of one run. */
export class SenderWatch {
  readonly #link: NatsLink;
  readonly #run: string;
  readonly #request: JoinRequest;
  readonly #gone = new AbortController();
  readonly #stop: () => void;
  #heardAt = performance.now();
  #joined: Promise<void> | undefined;

  constructor(
    link: NatsLink,
    { run, request, detached }: {
      run: string;
      request: JoinRequest;
      detached: boolean;
    },
  ) {
    this.#link = link;
    this.#run = run;
    this.#request = request;
    const control = link.connection.subscribe(SUBJECTS.control(run), {
      callback: (error, message) => {
        if (error === null) this.#take(message.data);
      },
    });
    const beats = detached ? undefined : setInterval(() => {
      this.#beat();
      if (performance.now() - this.#heardAt < SILENCE_MS) return;
      this.#end(`The sender was silent for ${SILENCE_MS / 1000} s`);
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
    while (!this.#gone.signal.aborted) {
      try {
        const answer = await this.#link.connection.request(
          SUBJECTS.sender(this.#run),
          encodeMessage(this.#request),
          { timeout: ANSWER_MS },
        );
        const { refused } = decodeMessage<JoinAnswer>(answer.data);
        this.#heardAt = performance.now();
        if (refused === undefined) return;
        throw new FtlError(refused);
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
    const { worker, id } = this.#request;
    this.#link.connection.publish(
      SUBJECTS.beats(this.#run),
      encodeMessage({ worker, id }),
    );
  }

  #take(data: Uint8Array): void {
    let message: ControlMessage;
    try {
      message = decodeMessage(data);
    } catch {
      return; // not from a sender
    }
    this.#heardAt = performance.now();
    if (message.type === "cancel") this.#end(undefined);
  }

  #end(why: string | undefined): void {
    if (this.#gone.signal.aborted) return;
    this.why = why;
    this.#gone.abort(new DOMException("The run was cancelled", "AbortError"));
  }
}

// Whether calls of a detached run are in the queue, as a reader of the run's events sees
// it. No sender gives up what is gone from there, so that the reader has to.
import type { NatsLink } from "../server/nats_link.ts";
import { queuedCalls } from "../server/queued_calls.ts";

const LOOK_MS = 5_000;
/** After this many looks nothing more comes: what workers said has come by then. */
const GONE_LOOKS = 6;

/** Watches the queue of a run that is followed. */
export class FollowedQueue {
  readonly why = "The calls are gone from the queue of NATS";
  readonly #gone = new AbortController();
  #looking: ReturnType<typeof setInterval> | undefined;
  /** Whether all that came was read, and more is waited for. */
  #isWaiting = false;
  #looks = 0;

  /** Aborts when nothing more comes. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Starts to look; may be called again. */
  watch(link: NatsLink, run: string): void {
    this.#looking ??= setInterval(async () => {
      const queued = this.#isWaiting
        ? await queuedCalls(link, run).catch(() => undefined)
        : undefined;
      // While the server is away, or messages are shown, it says nothing.
      if (queued?.size === 0 && this.#isWaiting) this.#looks++;
      else this.#looks = 0;
      if (this.#looks === GONE_LOOKS) this.#gone.abort();
    }, LOOK_MS);
  }

  /** A message came, and is shown. */
  hear(): void {
    this.#isWaiting = false;
    this.#looks = 0;
  }

  /** The next message is waited for. */
  wait(): void {
    this.#isWaiting = true;
  }

  /** Stops watching; may be called twice. */
  close(): void {
    clearInterval(this.#looking);
  }
}

// Whether the sender of a run is there, as a reader of the run's events sees it. What
// it hears is not verified: it only decides how long the reader waits.
import { within } from "../../../async/deadline.ts";
import type { NatsLink } from "../server/nats_link.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { SENDER_SILENCE_MS } from "../messages/sender_watch.ts";

/** After this silence workers have ended their calls, and said so. */
const GONE_MS = SENDER_SILENCE_MS + 30_000;
/** Within this time after the server was away, a sender that is there was heard. */
const BACK_MS = 30_000;
const CHECK_MS = 5_000;

/** For how long the sender of a run is silent; times in ms. */
export class SenderSilence {
  #goneAt: number;

  constructor(now: number) {
    this.#goneAt = now + GONE_MS;
  }

  /** The run is alive. */
  hear(now: number): void {
    this.#goneAt = now + GONE_MS;
  }

  /** The server is away: so is what the sender says. */
  miss(now: number): void {
    this.#goneAt = Math.max(this.#goneAt, now + BACK_MS);
  }

  /** Whether the sender counts as gone. */
  isOver(now: number): boolean {
    return now >= this.#goneAt;
  }
}

/** Watches the sender of a run that is followed. */
export class FollowedSender {
  readonly why = "The sender is gone";
  readonly #gone = new AbortController();
  readonly #close: () => void;
  readonly #silence = new SenderSilence(performance.now());

  constructor(link: NatsLink, run: string) {
    const { connection } = link;
    const control = connection.subscribe(SUBJECTS.control(run), {
      callback: () => this.hear(),
    });
    const checking = setInterval(async () => {
      if (!this.#silence.isOver(performance.now())) return;
      // A server that was away has told nothing.
      const answered = connection.flush().then(() => true, () => false);
      const isThere = await within(answered, { ms: CHECK_MS, instead: false });
      const now = performance.now();
      if (!isThere) this.#silence.miss(now);
      else if (this.#silence.isOver(now)) this.#gone.abort();
    }, CHECK_MS);
    this.#close = () => {
      clearInterval(checking);
      control.unsubscribe();
    };
  }

  /** Aborts when the sender was silent for too long. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** The run is alive. */
  hear(): void {
    this.#silence.hear(performance.now());
  }

  /** Stops watching; may be called twice. */
  close(): void {
    this.#close();
  }
}

// Gives up the hosts of a detached run that have not begun in time, as a reader of the
// run's events sees it: no sender does. It takes them back, so that no worker begins them
// later, whatever its clock says.
import { judgeError, untimed } from "../../result/host_result.ts";
import { isOver, NotBegunInTime } from "../messages/begin_limit.ts";
import { TakenBack } from "../reports/taken_back.ts";
import type { NatsLink } from "../server/nats_link.ts";
import type { RunPacking } from "../trust/run_packing.ts";
import type { FollowedRun } from "./followed_run.ts";

const LOOK_MS = 1_000;

/** The run that is followed. */
export interface FollowedLimitOptions {
  readonly link: NatsLink;
  readonly run: string;
  readonly packing: RunPacking;
  readonly followed: FollowedRun;
}

/** Watches the time that the hosts of a run have to begin. */
export class FollowedLimit {
  readonly #options: FollowedLimitOptions;
  readonly #closed = new AbortController();
  #looking: ReturnType<typeof setInterval> | undefined;
  /** Whether a message came since the last look. */
  #hasHeard = true;

  constructor(options: FollowedLimitOptions) {
    this.#options = options;
  }

  /** Starts to look; may be called again. */
  watch(): void {
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS);
  }

  /** A message came: more may follow which are stored already. */
  hear(): void {
    this.#hasHeard = true;
  }

  /** Stops watching; may be called twice. */
  close(): void {
    clearInterval(this.#looking);
    this.#closed.abort();
  }

  #look(): void {
    const { link, run, packing, followed } = this.#options;
    const { limit, logs, waiting } = followed;
    const hasHeard = this.#hasHeard;
    this.#hasHeard = false;
    if (limit === undefined || logs === undefined || hasHeard) return;
    if (!isOver(limit)) return;
    clearInterval(this.#looking);
    const names = new Map(waiting.map(({ index, name }) => [index, name]));
    const error = new NotBegunInTime(limit);
    // The results come back as messages, like those of workers.
    void new TakenBack({
      ...{ link, run, logs },
      packing: () => Promise.resolve(packing),
    }).take(
      [...names.keys()],
      (index) => judgeError(error, untimed(names.get(index)!)),
      this.#closed.signal,
    );
  }
}

// Chunks that are in the queue no more although hosts of them have no result: their
// messages were removed, or workers believed what others wrote about the hosts. No worker
// tells of them, so their sender does, in the log, where it follows what workers said.
import { pause } from "../../../async/deadline.ts";
import { ConnectError } from "../../../errors.ts";
import { judgeError, untimed } from "../../result/host_result.ts";
import type { TakenBack } from "../reports/taken_back.ts";
import type { NatsLink } from "../server/nats_link.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { queuedCalls } from "../server/queued_calls.ts";
import type { RunProgress } from "./run_progress.ts";

/** How often the queue is looked at. */
const LOOK_MS = 5_000;
/** After this many looks a chunk is lost: what its worker said has come by then. */
const LOST_LOOKS = 4;

/** The run whose chunks are looked for. */
export interface LostChunksOptions {
  readonly link: NatsLink;
  readonly run: string;
  readonly progress: RunProgress;
  readonly takenBack: TakenBack;
  readonly nameOf: (index: number) => string;
  /** Whether the files of a host are being written: it has told all. */
  readonly isFetching: (index: number) => boolean;
  /** Whether what workers said waits to be read. */
  readonly isHeldUp: () => boolean;
  /** What workers said against a chunk; undefined when they did not. */
  readonly reasonsOf: (chunk: number) => string | undefined;
}

/** Gives up the hosts of chunks that are lost. */
export class LostChunks {
  readonly #options: LostChunksOptions;
  /** How often each chunk was not in the queue. */
  #missed = new Map<number, number>();

  constructor(options: LostChunksOptions) {
    this.#options = options;
  }

  /** Looks now and then, until the signal; then rejects. */
  async watch(signal: AbortSignal): Promise<never> {
    for (;;) {
      await pause(LOOK_MS, signal);
      await this.look(signal);
    }
  }

  /** Looks once. A server that is away says nothing about chunks. */
  async look(signal: AbortSignal): Promise<void> {
    const { link, run, progress, isHeldUp } = this.#options;
    const stored = [...progress.storedChunks()];
    const missed = this.#missed;
    this.#missed = new Map();
    if (stored.length === 0 || isHeldUp()) return;
    const queued = await queuedCalls(link, run).catch(() => undefined);
    if (queued === undefined) return;
    for (const { chunk, site } of stored) {
      if (queued.has(SUBJECTS.calls(site, run, chunk))) continue;
      const looks = (missed.get(chunk) ?? 0) + 1;
      if (looks < LOST_LOOKS) this.#missed.set(chunk, looks);
      else await this.#giveUp(chunk, signal);
    }
  }

  async #giveUp(chunk: number, signal: AbortSignal): Promise<void> {
    const { progress, takenBack, isFetching, nameOf, reasonsOf } =
      this.#options;
    const open = [...progress.open({ chunk })]
      .filter((index) => !isFetching(index));
    const cause = new ConnectError(
      reasonsOf(chunk) ??
        "The call is gone from the queue of NATS, and was not started",
      { phase: "start", hint: "Check who can write to the NATS server" },
    );
    const taken = new Set(
      await takenBack.take(
        open.filter((index) => !progress.hasBegun(index)),
        (index) => judgeError(cause, untimed(nameOf(index))),
        signal,
      ),
    );
    // Of the others the log says that a worker has begun them.
    const rest = open.filter((index) => !taken.has(index));
    await takenBack.lose(rest, signal);
  }
}

// How much memory the unfinished replies of all channels may hold. A channel over
// the limit is not read, so its host has to wait. One channel can always proceed:
// at the limit channels take turns, and one that keeps the others waiting too
// long is closed.
import { type StartTimer, startTimer } from "../async/timer.ts";

/** What each channel may hold uncounted, so that small replies never wait. */
const FREE = 256 * 1024;

/** Options of a budget. */
export interface BudgetOptions {
  /** In bytes. Default: 256 MiB. */
  limit?: number;
  /** How long a turn may keep others waiting. Default: 60 000. */
  maxTurnMs?: number;
  startTimer?: StartTimer;
  /** Resolves when what was read has been passed on; undefined: more may be read. */
  room?: (() => Promise<void> | undefined) | undefined;
}

/** One channel's part of a budget. */
export interface ChannelShare {
  /**
   * Sets how many bytes the channel holds now. When it must not read more, it
   * gets a promise that resolves once it may.
   */
  hold(bytes: number): Promise<void> | undefined;
  /** Releases everything, and resolves the promise that `hold` returned. */
  close(): void;
}

interface Holder {
  charged: number;
  readonly onOverdue: () => void;
}

interface Wait {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/**
 * A memory limit that channels share. At worst they hold the limit, one unfinished
 * reply, and for each channel 256 KiB and a chunk.
 */
export class Budget {
  readonly #limit: number;
  readonly #maxTurnMs: number;
  readonly #startTimer: StartTimer;
  readonly #room: () => Promise<void> | undefined;
  /** Waits for a turn, in order. While it is not empty, a channel has the turn. */
  readonly #waiting = new Map<Holder, Wait>();
  #turn: Holder | undefined;
  #stopTimer = () => {};
  #used = 0;

  constructor(options: BudgetOptions = {}) {
    this.#limit = options.limit ?? 256 * 1024 * 1024;
    this.#maxTurnMs = options.maxTurnMs ?? 60_000;
    this.#startTimer = options.startTimer ?? startTimer;
    this.#room = options.room ?? (() => undefined);
  }

  /** The number of bytes that are charged now. */
  get used(): number {
    return this.#used;
  }

  /** Opens a share; `onOverdue` is called when its turn lasts too long. */
  share(onOverdue: () => void): ChannelShare {
    const holder = { charged: 0, onOverdue };
    return {
      hold: (bytes) =>
        this.#hold(holder, Math.max(0, bytes - FREE)) ?? this.#room(),
      close: () => {
        this.#waiting.get(holder)?.resolve();
        this.#waiting.delete(holder);
        void this.#hold(holder, 0);
      },
    };
  }

  #hold(holder: Holder, charged: number): Promise<void> | undefined {
    if (charged === 0 && holder.charged === 0) return undefined;
    this.#used += charged - holder.charged;
    holder.charged = charged;
    if (this.#used <= this.#limit) {
      this.#wakeAll();
      return undefined;
    }
    if (charged === 0) {
      if (holder === this.#turn) this.#passTurn();
      return undefined;
    }
    if (this.#turn === undefined) this.#startTurn(holder);
    return holder === this.#turn ? undefined : this.#wait(holder);
  }

  #wait(holder: Holder): Promise<void> {
    let wait = this.#waiting.get(holder);
    if (wait === undefined) {
      wait = Promise.withResolvers<void>();
      this.#waiting.set(holder, wait);
    }
    return wait.promise;
  }

  #wakeAll(): void {
    this.#endTurn();
    for (const wait of this.#waiting.values()) wait.resolve();
    this.#waiting.clear();
  }

  #passTurn(): void {
    this.#endTurn();
    for (const [holder, wait] of this.#waiting) {
      this.#waiting.delete(holder);
      this.#startTurn(holder);
      wait.resolve();
      return;
    }
  }

  #startTurn(holder: Holder): void {
    this.#turn = holder;
    this.#stopTimer = this.#startTimer(() => {
      if (this.#waiting.size > 0) holder.onOverdue();
      else this.#startTurn(holder);
    }, this.#maxTurnMs);
  }

  #endTurn(): void {
    this.#stopTimer();
    this.#turn = undefined;
  }
}

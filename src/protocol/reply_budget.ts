// How much of unfinished replies all channels together may hold in memory.
// A channel that may not go on is not read, so its host has to wait. Whatever
// hosts do, somebody may always go on: at the limit channels take turns, and
// who keeps the others waiting too long is given up.
import { type StartTimer, startTimer } from "../async/timer.ts";

/** What a channel may hold without asking, so that small replies never wait. */
const FREE = 256 * 1024;

/** How a budget may differ from the usual one. */
export interface BudgetOptions {
  /** In bytes. Default: 256 MiB. */
  limit?: number;
  /** How long a turn may keep others waiting. Default: 60 000. */
  patienceMs?: number;
  startTimer?: StartTimer;
}

/** One channel's part in a budget. */
export interface ChannelShare {
  /**
   * Says how many bytes the channel holds now. When it must not read more, it
   * gets a promise that resolves once it may.
   */
  hold(bytes: number): Promise<void> | undefined;
  /** Gives everything back, and resolves what `hold` returned. */
  close(): void;
}

interface Seat {
  charged: number;
  readonly onOverdue: () => void;
}

interface Wait {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/**
 * A bound on memory that channels share. At worst they hold the limit, what is
 * unfinished on one channel, and for each channel 256 KiB and a chunk.
 */
export class Budget {
  readonly #limit: number;
  readonly #patienceMs: number;
  readonly #startTimer: StartTimer;
  /** Who waits for a turn, in order. Not empty: somebody has the turn. */
  readonly #waiting = new Map<Seat, Wait>();
  #turn: Seat | undefined;
  #stopTimer = () => {};
  #used = 0;

  constructor(options: BudgetOptions = {}) {
    this.#limit = options.limit ?? 256 * 1024 * 1024;
    this.#patienceMs = options.patienceMs ?? 60_000;
    this.#startTimer = options.startTimer ?? startTimer;
  }

  /** How many bytes are charged now. */
  get used(): number {
    return this.#used;
  }

  /** Opens a share; `onOverdue` is told when its turn lasts too long. */
  share(onOverdue: () => void): ChannelShare {
    const seat = { charged: 0, onOverdue };
    return {
      hold: (bytes) => this.#hold(seat, Math.max(0, bytes - FREE)),
      close: () => {
        this.#waiting.get(seat)?.resolve();
        this.#waiting.delete(seat);
        void this.#hold(seat, 0);
      },
    };
  }

  #hold(seat: Seat, charged: number): Promise<void> | undefined {
    if (charged === 0 && seat.charged === 0) return undefined;
    this.#used += charged - seat.charged;
    seat.charged = charged;
    if (this.#used <= this.#limit) {
      this.#wakeAll();
      return undefined;
    }
    if (charged === 0) {
      if (seat === this.#turn) this.#passTurn();
      return undefined;
    }
    if (this.#turn === undefined) this.#beginTurn(seat);
    return seat === this.#turn ? undefined : this.#wait(seat);
  }

  #wait(seat: Seat): Promise<void> {
    let wait = this.#waiting.get(seat);
    if (wait === undefined) {
      wait = Promise.withResolvers<void>();
      this.#waiting.set(seat, wait);
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
    for (const [seat, wait] of this.#waiting) {
      this.#waiting.delete(seat);
      this.#beginTurn(seat);
      wait.resolve();
      return;
    }
  }

  #beginTurn(seat: Seat): void {
    this.#turn = seat;
    this.#stopTimer = this.#startTimer(() => {
      if (this.#waiting.size > 0) seat.onOverdue();
      else this.#beginTurn(seat);
    }, this.#patienceMs);
  }

  #endTurn(): void {
    this.#stopTimer();
    this.#turn = undefined;
  }
}

// Starts every timer that waits for a host. A wait longer than the platform
// allows does not fire at once, and tests can advance the time by hand.

/** The longest wait of the platform's timers; longer ones fire at once. */
export const LONGEST_MS = 2 ** 31 - 1;

/** A timer that is so late was held up: the process was stopped, or got no CPU. */
const LATE_MS = 100;
/** How long such a timer waits at most, in which what has come meanwhile is read. */
const READ_MS = 1_000;

/** Lets everything that waits run before what follows. */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Calls back once after `ms`, unless the process ends before; cannot be canceled.
 * Deno loads 4 ms of code for its first other timer, which a command does best
 * while it waits for hosts.
 */
export function callLater(ms: number, callback: () => void): void {
  const signal = AbortSignal.timeout(ms);
  signal.addEventListener("abort", callback, { once: true });
}

/** Calls back once after `ms`; the returned function cancels the timer. */
export type StartTimer = (callback: () => void, ms: number) => () => void;

/**
 * Real time. Accepts any `ms`: `Infinity`, and less than 0 when the time is past,
 * where the platform would warn on stderr. A process that was stopped (^Z) and goes
 * on hears of its timers before it reads what hosts have answered in the meantime, so
 * a timer that is late waits once more: as long as it was late, up to a second.
 */
export const startTimer: StartTimer = (callback, ms) => {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number, then: () => void) => {
    timer = left <= LONGEST_MS
      ? setTimeout(then, left)
      : setTimeout(() => wait(left - LONGEST_MS, then), LONGEST_MS);
  };
  const due = performance.now() + Math.max(0, ms);
  wait(Math.max(0, ms), () => {
    const late = performance.now() - due;
    if (late < LATE_MS) callback();
    else wait(Math.min(late, READ_MS), callback);
  });
  return () => clearTimeout(timer);
};

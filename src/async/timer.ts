// Starts every timer that waits for a host. A wait longer than the platform
// allows does not fire at once, and tests can advance the time by hand.

/** The longest wait of the platform's timers; longer ones fire at once. */
export const LONGEST_MS = 2 ** 31 - 1;

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
 * Real time. Accepts any `ms`, including `Infinity`, and what is over already: for
 * less than 0 the platform prints a warning.
 */
export const startTimer: StartTimer = (callback, ms) => {
  let timer: ReturnType<typeof setTimeout>;
  const start = (left: number) => {
    timer = left <= LONGEST_MS
      ? setTimeout(callback, left)
      : setTimeout(() => start(left - LONGEST_MS), LONGEST_MS);
  };
  start(Math.max(0, ms));
  return () => clearTimeout(timer);
};

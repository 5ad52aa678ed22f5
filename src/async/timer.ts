// Time as the program knows it: every timer that waits for a host is started
// here, so that none fires at once because it was to wait for too long, and
// tests can turn the time by hand.

/** The most that the platform's timers take; beyond it they fire at once. */
export const LONGEST_MS = 2 ** 31 - 1;

/** Lets everything that waits have its turn before what comes next. */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Calls back once after `ms` milliseconds; what it returns prevents that. */
export type StartTimer = (callback: () => void, ms: number) => () => void;

/** The real time. Any `ms` will do, `Infinity` too. */
export const startTimer: StartTimer = (callback, ms) => {
  let timer: ReturnType<typeof setTimeout>;
  const start = (left: number) => {
    timer = left <= LONGEST_MS
      ? setTimeout(callback, left)
      : setTimeout(() => start(left - LONGEST_MS), LONGEST_MS);
  };
  start(ms);
  return () => clearTimeout(timer);
};

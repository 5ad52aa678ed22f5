// Time, as this folder knows it, so that tests can turn it by hand.

/** Calls back once after `ms` milliseconds; what it returns prevents that. */
export type StartTimer = (callback: () => void, ms: number) => () => void;

/** The real time. */
export const startTimer: StartTimer = (callback, ms) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

// Timers that may be a quarter of a second late. Any number of them take one timer of
// the platform, which costs 4 KiB and 5 µs for each: too much for the deadlines of ten
// thousand calls, of which nearly none passes.
import { callLater, startTimer } from "./timer.ts";

const STEP_MS = 250;

/** What is called at the end of each step, by its number. */
const dues = new Map<number, Set<() => void>>();
/** The step that the platform's timer ends with. */
let awaited = Infinity;
let stopTimer: (() => void) | undefined;

/**
 * Calls back once, after `ms` or up to 250 ms later; the returned function cancels
 * the timer. It is set later, so that what has just begun goes first.
 */
export function startRoughTimer(callback: () => void, ms: number): () => void {
  const step = Math.ceil((performance.now() + ms) / STEP_MS);
  const due = dues.get(step) ?? new Set();
  dues.set(step, due);
  const entry = () => callback(); // the same function may be given twice
  due.add(entry);
  if (awaited === Infinity) callLater(0, wait);
  else if (step < awaited) wait();
  awaited = Math.min(awaited, step);
  return () => {
    due.delete(entry);
    if (due.size > 0 || dues.get(step) !== due) return;
    dues.delete(step);
    if (dues.size === 0) wait();
  };
}

/** Waits for the next step at which something is due. */
function wait(): void {
  stopTimer?.();
  stopTimer = undefined;
  awaited = Math.min(Infinity, ...dues.keys());
  if (awaited === Infinity) return;
  stopTimer = startTimer(ring, awaited * STEP_MS - performance.now());
}

function ring(): void {
  const due = dues.get(awaited);
  dues.delete(awaited);
  for (const entry of due ?? []) {
    if (due!.has(entry)) entry();
  }
  wait();
}

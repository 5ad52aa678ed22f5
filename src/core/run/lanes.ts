// Runs work on many hosts side by side, in lanes: each takes the next host when it has
// done with one, so that a host that has not started costs nothing.
import { within } from "../../async/deadline.ts";
import { othersTurn } from "../../async/timer.ts";

/** How many lanes start in one turn of the event loop. */
const STARTS_IN_TURN = 64;
/** With more hosts under way, the next lanes wait for one that is done. */
const MANY = 64;
/** For how long at most: hosts may be slow. */
const WAIT_MS = 20;
/** After this many waits in which none was done, no others wait. */
const MOST_WAITS = 10;

/**
 * Works on all hosts, at most `count` at a time, and starts in their order.
 *
 * Few start at once, so that answers are read while others are asked: then most of what
 * a call needs is garbage before V8 has moved it. A lane starts with its first host:
 * one that had waited would be old, and keep what its hosts needed.
 *
 * @param options `room`: waits until there is room for results
 */
export async function runInLanes<T>(
  hosts: readonly T[],
  { count, room, work }: {
    count: number;
    room: () => Promise<void> | undefined;
    work: (host: T) => Promise<void>;
  },
): Promise<void> {
  const waiting = hosts.values();
  let underWay = 0;
  let done = 0;
  let wake = () => {};
  let waits = 0;
  const lane = async () => {
    for (const host of waiting) {
      await room();
      underWay++;
      await work(host);
      done++;
      if (--underWay <= MANY) wake();
    }
  };
  const lanes: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    if (i > 0 && i % STARTS_IN_TURN === 0) {
      await othersTurn();
      if (underWay > MANY && waits < MOST_WAITS) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const before = done;
        await within(promise, { ms: WAIT_MS, instead: undefined });
        if (done === before) waits++;
      }
    }
    const started = lane();
    started.catch(() => {}); // awaited below
    lanes.push(started);
  }
  await Promise.all(lanes);
}

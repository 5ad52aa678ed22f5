// Calls many objects at intervals with one timer. A timer of the platform is 700
// bytes, and some work each time; ten thousand open hosts have two each.
import { type StartTimer, startTimer } from "./timer.ts";

/** How many parts an interval has. The calls are spread over them. */
const PARTS = 64;

/** What is called at each interval. */
export interface Beating {
  /** Called about once in each interval. Must not throw. */
  beat(): void;
}

/** Calls its members once in each interval, each in its own part of it. */
export class Pulse {
  readonly #ms: number;
  readonly #partMs: number;
  readonly #startTimer: StartTimer;
  readonly #parts: (Set<Beating> | undefined)[] = [];
  #size = 0;
  /** The number of the part that was called last, counted since the start. */
  #part = 0;
  /** When that call was due. A late one makes the later ones no later. */
  #due = 0;
  /** The part that the timer is set for. */
  #next = 0;
  #stopTimer: (() => void) | undefined;
  #isCalling = false;

  /** @param ms the interval, in milliseconds */
  constructor(ms: number, start: StartTimer = startTimer) {
    this.#ms = ms;
    this.#partMs = ms / PARTS;
    this.#startTimer = start;
  }

  /**
   * Adds a member. It is called first after an interval, or up to a part of it
   * earlier.
   */
  add(member: Beating): void {
    const now = performance.now();
    if (this.#size++ === 0) this.#due = now;
    const passed = Math.max(0, Math.floor((now - this.#due) / this.#partMs));
    // The parts between the last call and the next have no members.
    const latest = Math.max(0, this.#next - this.#part - 1);
    const part = this.#part + Math.min(passed, latest);
    (this.#parts[part % PARTS] ??= new Set()).add(member);
    if (this.#stopTimer === undefined && !this.#isCalling) this.#wait();
  }

  /** Removes a member: it is not called any more. */
  delete(member: Beating): void {
    for (const members of this.#parts) {
      if (!members?.delete(member)) continue;
      if (--this.#size > 0) return;
      this.#stopTimer?.();
      this.#stopTimer = undefined;
      return;
    }
  }

  /** Waits for the next part that has members; there is one. */
  #wait(): void {
    let parts = 1;
    while (parts < PARTS && !this.#parts[(this.#part + parts) % PARTS]?.size) {
      parts++;
    }
    this.#next = this.#part + parts;
    const ms = parts * this.#partMs;
    const wait = this.#due + ms - performance.now();
    this.#stopTimer = this.#startTimer(
      () => this.#call(),
      Math.min(ms, Math.max(0, wait)),
    );
  }

  /** Calls the next part, and those that have become due since. */
  #call(): void {
    const now = performance.now();
    const parts = this.#next - this.#part;
    this.#due += parts * this.#partMs;
    // After a long stall not all that it held up is called at once.
    this.#due = Math.max(this.#due, now - this.#ms / 2);
    this.#stopTimer = undefined;
    this.#isCalling = true;
    this.#callPart(this.#next);
    while (this.#size > 0 && this.#due + this.#partMs <= now) {
      this.#due += this.#partMs;
      this.#callPart(this.#part + 1);
    }
    this.#isCalling = false;
    if (this.#size > 0) this.#wait();
  }

  #callPart(part: number): void {
    this.#part = part;
    this.#next = part;
    const members = this.#parts[part % PARTS];
    // A copy: a call may add members.
    for (const member of [...members ?? []]) {
      if (members?.has(member)) member.beat();
    }
  }
}

const pulses = new WeakMap<StartTimer, Map<number, Pulse>>();

/** The pulse that everything with one interval shares. */
export function sharedPulse(
  ms: number,
  start: StartTimer = startTimer,
): Pulse {
  const known = pulses.get(start) ?? new Map<number, Pulse>();
  pulses.set(start, known);
  const pulse = known.get(ms) ?? new Pulse(ms, start);
  known.set(ms, pulse);
  return pulse;
}

// The bounds of one rendering: no template may hang or use up the memory.
import { TemplateError } from "../template_error.ts";
import { timedWork } from "./timed_work.ts";

/** Evaluated expressions and statements. */
const MAX_STEPS = 5_000_000;
/** Characters of one text, and items of one list. */
export const MAX_TEXT = 64 * 1024 * 1024;
const MAX_ITEMS = 1_000_000;
/** Values in a list or a dict, at all its levels. */
const MAX_VALUES = 5_000_000;
/** Macros, includes and variables inside each other. */
const MAX_DEPTH = 60;
/**
 * How long a rendering may take. Meanwhile nothing else happens here, and the gates of
 * other hosts end after 60 s of silence.
 */
const MAX_MS = 30_000;
/** The longest time for one pattern: ^C waits no longer (src/cli/process/watchdog.ts). */
const MAX_TIMED_MS = 1_000;
/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 1_000;
/** The longest time between two looks that counts: this process may be stopped. */
const MAX_LOOK_MS = 2_000;
/** Texts and lists that count as large ones, and what all of them may hold in bytes. */
const LARGE_TEXT = 1_000_000;
const LARGE_LIST = 100_000;
const MAX_LARGE_BYTES = 1024 * 1024 * 1024;
const BYTES_PER_ITEM = 8;

/** Counts what one rendering uses. */
export class Bounds {
  #steps = 0;
  #characters = 0;
  #depth = 0;
  #largeBytes = 0;
  #looked = performance.now();
  #spentMs = 0;
  #untilLook = STEPS_PER_LOOK;

  step(count = 1): void {
    this.#steps += count;
    this.#untilLook -= count;
    if (this.#untilLook <= 0) this.#look();
    if (this.#steps > MAX_STEPS) {
      throw new TemplateError(
        `the template takes more than ${MAX_STEPS} steps`,
      );
    }
  }

  /** Counts text that was made. */
  text(characters: number): void {
    this.#characters += characters;
    if (this.#characters > 4 * MAX_TEXT) tooLong();
  }

  /** Counts a text or a list that was made, if it is a large one; returns it. */
  made<T>(value: T): T {
    const bytes = typeof value === "string" && value.length >= LARGE_TEXT
      ? value.length
      : Array.isArray(value) && value.length >= LARGE_LIST
      ? value.length * BYTES_PER_ITEM
      : 0;
    if (bytes === 0) return value;
    this.#look();
    this.#largeBytes += bytes;
    if (this.#largeBytes > MAX_LARGE_BYTES) {
      throw new TemplateError(
        "the template makes too many large texts and lists: more than 1 GiB",
      );
    }
    return value;
  }

  /**
   * Does work that counts no steps, for 1 s at most.
   *
   * @param what Names the work in the error.
   * @throws {TemplateError} when it takes longer.
   */
  timed<T>(work: () => T, what: string): T {
    this.#look();
    const ms = Math.min(MAX_TIMED_MS, MAX_MS - this.#spentMs);
    const done = timedWork(work, Math.max(1, Math.ceil(ms)));
    this.#look();
    if (done !== undefined) return done.value;
    throw new TemplateError(
      `${what} takes longer than ${MAX_TIMED_MS / 1000} s: ` +
        "repeat fewer parts in it, or give it a shorter text",
    );
  }

  #look(): void {
    const now = performance.now();
    this.#spentMs += Math.min(now - this.#looked, MAX_LOOK_MS);
    this.#looked = now;
    this.#untilLook = STEPS_PER_LOOK;
    if (this.#spentMs > MAX_MS) {
      throw new TemplateError(
        `the template takes longer than ${MAX_MS / 1000} s`,
      );
    }
  }

  /** Runs what may contain itself. */
  nested<T>(work: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      this.#depth--;
      throw new TemplateError(
        `macros, includes or variables use each other more than ${MAX_DEPTH} levels deep`,
      );
    }
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }
}

/** @throws {TemplateError} when a text would be too long. */
export function checkTextLength(characters: number): void {
  if (characters > MAX_TEXT) tooLong();
}

/** @throws {TemplateError} when a list would be too long. */
export function checkListLength(items: number): void {
  if (items > MAX_ITEMS) {
    throw new TemplateError(`a list would have more than ${MAX_ITEMS} items`);
  }
}

/** @throws {TemplateError} when a value would hold too many others. */
export function checkValueSize(values: number): void {
  if (values > MAX_VALUES) {
    throw new TemplateError(
      `a list or a dict would hold more than ${MAX_VALUES} values`,
    );
  }
}

function tooLong(): never {
  throw new TemplateError(
    `the text would be longer than ${MAX_TEXT / 1024 / 1024} MiB`,
  );
}

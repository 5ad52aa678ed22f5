// The bounds of one rendering: no template may hang or use up the memory.
import { TemplateError } from "../template_error.ts";

/** Evaluated expressions and statements. */
const MAX_STEPS = 5_000_000;
/** Characters of one text, and items of one list. */
export const MAX_TEXT = 64 * 1024 * 1024;
const MAX_ITEMS = 1_000_000;
/** Macros, includes and variables inside each other. */
const MAX_DEPTH = 60;

/** Counts what one rendering uses. */
export class Bounds {
  #steps = 0;
  #characters = 0;
  #depth = 0;

  step(count = 1): void {
    this.#steps += count;
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

function tooLong(): never {
  throw new TemplateError(
    `the text would be longer than ${MAX_TEXT / 1024 / 1024} MiB`,
  );
}

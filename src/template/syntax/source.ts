// The text of a template with places in it.
import { type TemplatePlace, TemplateSyntaxError } from "../template_error.ts";

/** A template's text and its name. */
export class Source {
  readonly #lineStarts: number[] = [0];

  /**
   * @param file The name for errors.
   * @param text With newlines of one kind.
   * @param firstLine The line at which the text starts in its file.
   */
  constructor(
    readonly file: string,
    readonly text: string,
    readonly firstLine = 1,
  ) {
    for (
      let at = text.indexOf("\n");
      at >= 0;
      at = text.indexOf("\n", at + 1)
    ) {
      this.#lineStarts.push(at + 1);
    }
  }

  /** The place of an offset. */
  placeOf(offset: number): TemplatePlace {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return {
      file: this.file,
      line: low + this.firstLine,
      column: offset - this.#lineStarts[low]! + 1,
    };
  }

  /** @throws {TemplateSyntaxError} always. */
  fail(reason: string, offset: number): never {
    throw new TemplateSyntaxError(reason, this.placeOf(offset));
  }
}

// What can go wrong in a template. Every error knows its template's name, line and
// column as soon as the place is known.

/** Where something is in a template; line and column count from 1. */
export interface TemplatePlace {
  /** The template's file, or what it belongs to. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A template that cannot be read or rendered. */
export class TemplateError extends Error {
  override name = "TemplateError";
  /** What went wrong, without the place. */
  readonly reason: string;
  readonly place: TemplatePlace | undefined;

  constructor(reason: string, place?: TemplatePlace) {
    super(
      place === undefined
        ? reason
        : `${place.file}:${place.line}:${place.column}: ${reason}`,
    );
    this.reason = reason;
    this.place = place;
  }

  /** The same error at a place, unless it has one. */
  at(place: TemplatePlace): TemplateError {
    return this.place === undefined
      ? new (this.constructor as typeof TemplateError)(this.reason, place)
      : this;
  }

  /** The same error, without these texts. */
  hiding(secrets: Iterable<string>): TemplateError {
    let { reason } = this;
    for (const secret of secrets) {
      if (secret.length < SHORTEST) continue;
      for (const form of [secret, JSON.stringify(secret).slice(1, -1)]) {
        reason = reason.replaceAll(form, () => "********");
      }
    }
    return new (this.constructor as typeof TemplateError)(reason, this.place);
  }
}

/** Shorter secrets are not looked for, as in results: they are in any text. */
const SHORTEST = 4;

/** A template that uses a value that is not defined. */
export class UndefinedError extends TemplateError {
  override name = "UndefinedError";
}

/** A template that is malformed, or names a filter, test or lookup that ftl lacks. */
export class TemplateSyntaxError extends TemplateError {
  override name = "TemplateSyntaxError";
}

/** Thrown through the renderer when it needs a value that is still being read. */
export class Pending {
  constructor(readonly value: Promise<unknown>) {}
}

/** An error with its place, unless it has one; a thrown `Pending` as it is. */
export function locatedError(error: unknown, place: TemplatePlace): unknown {
  if (error instanceof TemplateError) return error.at(place);
  if (error instanceof RangeError) {
    return new TemplateError(boundOf(error), place);
  }
  return error;
}

/** Which of JavaScript's own bounds was met, in words for people. */
function boundOf({ message }: RangeError): string {
  if (/call stack/.test(message)) return "it is nested too deeply";
  if (/BigInt/.test(message)) return "a number would be too large";
  if (/length|count/.test(message)) return "a text or a list would be too long";
  return message;
}

// Applies the patterns of templates to texts, which hosts may have written.
import { TemplateError } from "../template_error.ts";
import type { Bounds } from "./bounds.ts";
import { pythonRegex, type RegexFlags } from "./python_regex.ts";

/** Without any of these, a pattern tries each place of a text once. */
const MAY_TRY_MORE = /[*+?{|]/;
/** A longer one may take long all the same. */
const SHORT = 40;
/** An error quotes no longer one: a part of it could be a part of a secret. */
const QUOTED = 100;

/**
 * Gives a pattern of Python's `re` to `use`, for as long as a rendering may take.
 *
 * @throws {TemplateError} when the pattern is malformed or too large, or `use` takes too
 *   long or too much memory.
 */
export function usePattern<T>(
  pattern: string,
  flags: RegexFlags & { anchor?: "start" | "whole" },
  bounds: Bounds,
  use: (regex: RegExp) => T,
): T {
  const regex = pythonRegex(pattern, flags);
  const about = pattern.length <= QUOTED
    ? `the pattern '${pattern}'`
    : `the pattern of ${pattern.length} characters`;
  const work = () => {
    try {
      return use(regex);
    } catch (error) {
      throw patternError(error, about);
    }
  };
  return pattern.length <= SHORT && !MAY_TRY_MORE.test(pattern)
    ? work()
    : bounds.timed(work, about);
}

/** What V8 says of a pattern that it cannot apply, in words for people. */
function patternError(error: unknown, about: string): unknown {
  // It keeps each place to which it may have to go back, up to 64 MiB of them.
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return new TemplateError(
      `${about} has to remember too many places of the text: ` +
        "repeat fewer parts in it, or give it a shorter text",
    );
  }
  // V8 compiles a pattern when it is used first.
  if (error instanceof SyntaxError) {
    return new TemplateError(`${about} is too large: repeat fewer parts in it`);
  }
  return error;
}

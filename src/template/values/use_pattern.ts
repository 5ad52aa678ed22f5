// Applies the patterns of templates to texts, which hosts may have written.
import type { Bounds } from "./bounds.ts";
import { pythonRegex, type RegexFlags } from "./python_regex.ts";

/** Without any of these, a pattern tries each place of a text once. */
const MAY_TRY_MORE = /[*+?{|]/;
/** A longer one may take long all the same. */
const SHORT = 40;
/** What an error quotes of a pattern. */
const QUOTED = 100;

/**
 * Gives a pattern of Python's `re` to `use`, for as long as a rendering may take.
 *
 * @throws {TemplateError} when the pattern is malformed, or `use` takes too long.
 */
export function usePattern<T>(
  pattern: string,
  flags: RegexFlags & { anchor?: "start" | "whole" },
  bounds: Bounds,
  use: (regex: RegExp) => T,
): T {
  const regex = pythonRegex(pattern, flags);
  if (pattern.length <= SHORT && !MAY_TRY_MORE.test(pattern)) {
    return use(regex);
  }
  const quoted = pattern.length <= QUOTED
    ? pattern
    : `${pattern.slice(0, QUOTED)}…`;
  return bounds.timed(() => use(regex), `the pattern '${quoted}'`);
}

// The pattern of the chosen hosts after `:add` and `:drop`. Read again, it gives
// the same hosts: when a combined pattern would not, it is their folded names.
import { foldNames } from "../../inventory/fold.ts";

/**
 * The pattern as the prompt shows it. A position (`db[0]`) would read like the
 * folded names of results (`db[1-3]`), so the names take its place.
 */
export function shownPattern(
  pattern: string,
  hosts: readonly string[],
): string {
  return hasPosition(pattern) ? foldNames(hosts) : pattern;
}

/** Combines `pattern` with `more`; together they choose `hosts`. */
export function addPattern(
  pattern: string,
  more: string,
  hosts: readonly string[],
): string {
  // A `!` or `&` in one pattern would also remove hosts of the other.
  return hasModifiers(pattern) || hasModifiers(more) || hasPosition(more)
    ? foldNames(hosts)
    : `${pattern},${more}`;
}

/** Removes `less` from `pattern`, which leaves `hosts`. */
export function dropPattern(
  pattern: string,
  less: string,
  hosts: readonly string[],
): string {
  return /[,:&!~@]/.test(less) || hasPosition(less)
    ? foldNames(hosts)
    : `${pattern}${pattern.includes(",") ? "," : ":"}!${less}`;
}

function hasPosition(pattern: string): boolean {
  return /\[-?\d+(?::\d*)?\]/.test(pattern);
}

function hasModifiers(pattern: string): boolean {
  return /[&!]/.test(pattern);
}

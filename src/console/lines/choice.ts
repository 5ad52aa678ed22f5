// How a choice of hosts is written after hosts were added to it or dropped. The
// text means the same hosts when it is read again: where a pattern for them
// would be misread, their folded names stand for them.
import { foldNames } from "../../inventory/fold.ts";

/** The text for `pattern` and `more`, which together are `hosts`. */
export function addPattern(
  pattern: string,
  more: string,
  hosts: readonly string[],
): string {
  // What a `!` or `&` takes away would be taken from the added hosts too.
  return hasModifiers(pattern) || hasModifiers(more)
    ? foldNames(hosts)
    : `${pattern},${more}`;
}

/** The text for `pattern` without `less`, which leaves `hosts`. */
export function dropPattern(
  pattern: string,
  less: string,
  hosts: readonly string[],
): string {
  return /[,:&!~@]/.test(less)
    ? foldNames(hosts)
    : `${pattern}${pattern.includes(",") ? "," : ":"}!${less}`;
}

function hasModifiers(pattern: string): boolean {
  return /[&!]/.test(pattern);
}

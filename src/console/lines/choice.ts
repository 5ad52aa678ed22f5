// The pattern of the chosen hosts after `:add` and `:drop`. Read again, it gives
// the same hosts: when a combined pattern would not, it is their folded names.
import { foldNames } from "../../inventory/fold.ts";

/** Combines `pattern` with `more`; together they choose `hosts`. */
export function addPattern(
  pattern: string,
  more: string,
  hosts: readonly string[],
): string {
  // A `!` or `&` in one pattern would also remove hosts of the other.
  return hasModifiers(pattern) || hasModifiers(more)
    ? foldNames(hosts)
    : `${pattern},${more}`;
}

/** Removes `less` from `pattern`, which leaves `hosts`. */
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

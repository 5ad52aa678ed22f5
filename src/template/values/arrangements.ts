// The permutations and combinations of a list.
import { TemplateError } from "../template_error.ts";
import { checkListLength } from "./bounds.ts";
import { Tuple, type Value } from "./template_value.ts";

/** In more places than these, different orders are always too many. */
const MAX_ORDERED = 10;

/**
 * Every choice of `size` items, or every order of every choice.
 *
 * @throws {TemplateError} when there are too many.
 */
export function arrangements(
  items: readonly Value[],
  size: number,
  isOrdered: boolean,
): Value[] {
  const found: Value[] = [];
  if (size < 0) throw new TemplateError("r must be non-negative");
  if (size > items.length) return found;
  if (isOrdered && size > MAX_ORDERED) checkListLength(Infinity);
  const extend = (picked: number[], from: number) => {
    if (picked.length === size) {
      checkListLength(found.length + 1);
      found.push(Tuple.make(picked.map((at) => items[at]!)));
      return;
    }
    // Without an order, enough items must follow.
    const end = isOrdered
      ? items.length
      : items.length - (size - picked.length) + 1;
    for (let at = isOrdered ? 0 : from; at < end; at++) {
      if (!isOrdered || !picked.includes(at)) extend([...picked, at], at + 1);
    }
  };
  extend([], 0);
  return found;
}

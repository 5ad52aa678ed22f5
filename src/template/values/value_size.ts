// How large a value is when it is written out. A list may hold another one twice, which
// may hold a third one twice: forty such lines make a value that never ends.
import { checkTextLength, checkValueSize } from "./bounds.ts";
import { Dict, type Value } from "./template_value.ts";

/** Deeper values are not counted: what walks them fails by itself. */
const MAX_DEPTH = 1_000;

/**
 * Checks lists and dicts before they are walked as a whole. What other objects hold
 * is not counted.
 *
 * @throws {TemplateError} when they hold too many values, or too much text.
 */
export function checkWhole(value: Value): void {
  if (!Array.isArray(value) && !(value instanceof Dict)) return;
  let [values, characters] = [0, 0];
  const count = (each: Value, depth: number) => {
    checkValueSize(++values);
    if (typeof each === "string") checkTextLength(characters += each.length);
    else if (depth > MAX_DEPTH) return;
    else if (Array.isArray(each)) {
      for (const item of each) count(item, depth + 1);
    } else if (each instanceof Dict) {
      for (const [key, member] of each.entries()) {
        count(key, depth + 1);
        count(member, depth + 1);
      }
    }
  };
  count(value, 0);
}

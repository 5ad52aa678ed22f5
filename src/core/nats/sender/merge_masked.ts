// Joins two masked copies of one value: what is masked in either is masked.
import { isObject } from "../../../protocol/body.ts";
import type { Json } from "../../../protocol/message.ts";
import { MASKED_TEXT } from "../../result/secret_texts.ts";

/** The value with the masks of both copies. */
export function mergeMasked(a: Json, b: Json): Json {
  if (a === MASKED_TEXT || b === MASKED_TEXT) return MASKED_TEXT;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.map((each, i) => mergeMasked(each, b[i] ?? each));
  }
  if (isObject(a) && isObject(b)) {
    const members = Object.entries(a).map((
      [name, value],
    ) => [name, mergeMasked(value, Object.hasOwn(b, name) ? b[name]! : value)]);
    return Object.fromEntries(members);
  }
  if (typeof a !== "string" || typeof b !== "string" || a === b) return a;
  // Parts of a text were masked: the one with more masks hides more.
  return count(b) > count(a) ? b : a;
}

function count(text: string): number {
  return text.split(MASKED_TEXT).length;
}

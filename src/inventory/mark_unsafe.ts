// Data that is never a template: what hosts say, and what was made from it.
import { UnsafeText } from "./secret_value.ts";

/** A copy of a value in which every text with braces is marked as not being a template. */
export function markUnsafe(value: unknown): unknown {
  if (typeof value === "string") {
    return /\{[{%#]/.test(value) ? new UnsafeText(value) : value;
  }
  if (Array.isArray(value)) return value.map(markUnsafe);
  return isMap(value) ? markMembers(value) : value;
}

/** The same, for the members of an object. */
export function markMembers(
  object: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const marked: Record<string, unknown> = Object.create(null);
  for (const [name, member] of Object.entries(object)) {
    marked[name] = markUnsafe(member);
  }
  return marked;
}

/** Whether a value is an object of data, and not of a class, such as a number. */
function isMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

// Values as lines for people, in the manner of YAML: `key: value`, nested
// objects and lists indented. It is meant for reading and not for parsing.
import type { Json } from "../../protocol/message.ts";
import { escapeLine } from "../escape.ts";
import { cutLines, cutText, linesOf } from "./cut.ts";

const MAX_LINES_OF_KEY = 12;
const MAX_SCALAR = 200;
const MAX_INLINE_LIST = 60;

// What reads as something else than text when it stands without quotes.
const AMBIGUOUS =
  /^$|^\s|\s$|^(?:true|false|null|\[\]|\{\}|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/;

/** Lines for one member of an object; unless `whole`, long ones are cut. */
export function memberLines(
  key: string,
  value: Json,
  options: { whole: boolean },
): string[] {
  const maxScalar = options.whole ? Infinity : MAX_SCALAR;
  return cutLines(linesOfMember(key, value, maxScalar), {
    max: options.whole ? Infinity : MAX_LINES_OF_KEY,
  });
}

function* linesOfMember(
  key: string,
  value: Json,
  maxScalar: number,
): Generator<string> {
  const label = escapeLine(cutText(key, maxScalar)) + ":";
  const inline = inlineText(value, maxScalar);
  if (inline !== undefined) {
    yield `${label} ${inline}`;
    return;
  }
  yield typeof value === "string" ? `${label} |` : label;
  for (const line of linesOfBlock(value, maxScalar)) yield "  " + line;
}

function* linesOfBlock(value: Json, maxScalar: number): Generator<string> {
  if (typeof value === "string") {
    yield* linesOf(value, maxScalar);
  } else if (Array.isArray(value)) {
    for (const item of value) yield* linesOfItem(item, maxScalar);
  } else if (value !== null && typeof value === "object") {
    for (const [key, member] of Object.entries(value)) {
      yield* linesOfMember(key, member, maxScalar);
    }
  }
}

function* linesOfItem(item: Json, maxScalar: number): Generator<string> {
  const inline = inlineText(item, maxScalar);
  if (inline !== undefined) {
    yield `- ${inline}`;
    return;
  }
  let lead = "- ";
  if (typeof item === "string") {
    yield "- |";
    lead = "  ";
  }
  for (const line of linesOfBlock(item, maxScalar)) {
    yield lead + line;
    lead = "  ";
  }
}

// What fits on its key's line: scalars, empty collections, short flat lists.
function inlineText(value: Json, maxScalar: number): string | undefined {
  if (typeof value === "string") {
    if (value.includes("\n")) return undefined;
    const text = escapeLine(cutText(value, maxScalar));
    return AMBIGUOUS.test(text) ? `"${text}"` : text;
  }
  if (Array.isArray(value)) {
    const isFlat = value.length <= MAX_INLINE_LIST / 2 && value.every(isPlain);
    if (!isFlat) return undefined;
    const text = `[${value.map((v) => inlineText(v, maxScalar)).join(", ")}]`;
    return text.length <= MAX_INLINE_LIST ? text : undefined;
  }
  if (value !== null && typeof value === "object") {
    return Object.keys(value).length === 0 ? "{}" : undefined;
  }
  return String(value);
}

function isPlain(value: Json): boolean {
  if (typeof value !== "string") {
    return value === null || typeof value !== "object";
  }
  return value.length <= MAX_INLINE_LIST && !/[,[\]{}\n]/.test(value);
}

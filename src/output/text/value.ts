// Formats values as lines similar to YAML: `key: value`, with nested objects and
// lists indented. It is for reading, not for parsing. Omitted values are not
// visited, so the cost depends only on what is shown.
import { isObject } from "../../protocol/body.ts";
import type { Json } from "../../protocol/message.ts";
import { escapeLine } from "../escape.ts";
import type { Cut } from "./cut.ts";

const MAX_LINES = 12;
const MAX_SCALAR = 200;
const MAX_INLINE_LIST = 60;

// Text that would look like another type without quotes.
const AMBIGUOUS =
  /^$|^\s|\s$|^(?:true|false|null|\[\]|\{\}|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/;

/** How many more lines may be shown. */
interface Budget {
  lines: number;
  readonly cut: Cut;
}

/**
 * The lines of one member of an object: unless whole, at most twelve and notes on
 * how many members or lines were omitted at each place.
 */
export function memberLines(key: string, value: Json, cut: Cut): string[] {
  return [...linesOfMember(key, value, { lines: cut.limit(MAX_LINES), cut })];
}

/** The lines of a value, cut like those of a member. */
export function valueLines(value: Json, cut: Cut): string[] {
  const budget = { lines: cut.limit(MAX_LINES), cut };
  const inline = inlineText(value, budget);
  return inline === undefined ? [...linesOfBlock(value, budget)] : [inline];
}

function* linesOfMember(
  key: string,
  value: Json,
  budget: Budget,
): Generator<string> {
  budget.lines--;
  const label = escapeLine(budget.cut.text(key, MAX_SCALAR)) + ":";
  const inline = inlineText(value, budget);
  if (inline !== undefined) {
    yield `${label} ${inline}`;
    return;
  }
  yield typeof value === "string" ? `${label} |` : label;
  for (const line of linesOfBlock(value, budget)) yield "  " + line;
}

function* linesOfItem(item: Json, budget: Budget): Generator<string> {
  const inline = inlineText(item, budget);
  if (inline !== undefined) {
    budget.lines--;
    yield `- ${inline}`;
    return;
  }
  let lead = "- ";
  if (typeof item === "string") {
    budget.lines--;
    yield "- |";
    lead = "  ";
  }
  for (const line of linesOfBlock(item, budget)) {
    yield lead + line;
    lead = "  ";
  }
}

function* linesOfBlock(value: Json, budget: Budget): Generator<string> {
  if (typeof value === "string") {
    const max = Math.max(1, budget.lines);
    const { cut } = budget;
    const lines = cut.lines(cut.split(value, MAX_SCALAR), { max });
    budget.lines -= lines.length;
    yield* lines;
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      if (budget.lines <= 0) return yield budget.cut.note(value.length - i);
      yield* linesOfItem(item, budget);
    }
  } else if (isObject(value)) {
    const members = Object.entries(value);
    for (const [i, [key, member]] of members.entries()) {
      if (budget.lines <= 0) return yield budget.cut.note(members.length - i);
      yield* linesOfMember(key, member, budget);
    }
  }
}

// Values that fit on their key's line: scalars, empty collections, short flat lists.
function inlineText(value: Json, budget: Budget): string | undefined {
  if (typeof value === "string") {
    if (value.includes("\n")) return undefined;
    const text = escapeLine(budget.cut.text(value, MAX_SCALAR));
    return AMBIGUOUS.test(text) ? `"${text}"` : text;
  }
  if (Array.isArray(value)) {
    const isFlat = value.length <= MAX_INLINE_LIST / 2 && value.every(isPlain);
    if (!isFlat) return undefined;
    const text = `[${value.map((v) => inlineText(v, budget)).join(", ")}]`;
    return text.length <= MAX_INLINE_LIST ? text : undefined;
  }
  if (isObject(value)) {
    return Object.keys(value).length === 0 ? "{}" : undefined;
  }
  return String(value);
}

function isPlain(value: Json): boolean {
  if (typeof value !== "string") {
    return !isObject(value) && !Array.isArray(value);
  }
  return value.length <= MAX_INLINE_LIST && !/[,[\]{}\n]/.test(value);
}

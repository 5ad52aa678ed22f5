// Finds the object that a module printed among other text on its stdout. Takes
// linear time, even for hostile text.
import {
  endOfString,
  parseUntrustedJson,
} from "../../protocol/untrusted_json.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";

/** The parts of a module's stdout. */
export interface ModuleOutput {
  /** The object; null when none was printed. */
  object: JsonObject | null;
  /** The text before and after it. */
  rest: string;
}

/** How many candidates are parsed, from the last one backwards. */
const MAX_PARSED = 16;
/** How many times the whole text may be searched. */
const MAX_PASSES = 8;

/**
 * Takes the last object that starts a line. When no line starts with one, takes
 * the last that follows other text on its line. Ansible instead takes everything
 * from the first line that starts with `{` to the last that ends with `}`
 * (`_filter_non_json_lines`), and fails when a module also logs JSON or prints a
 * banner without a newline.
 */
export function readModuleOutput(stdout: string): ModuleOutput {
  const whole = parseObject(stdout);
  if (whole !== null) return { object: whole, rest: "" };
  for (const start of [/^[ \t]*\{/gm, /\{/g]) {
    const spans = findSpans(stdout, start);
    for (const [from, to] of spans.slice(-MAX_PARSED).reverse()) {
      const object = parseObject(stdout.slice(from, to));
      if (object === null) continue;
      const rest = stdout.slice(0, from) + stdout.slice(to);
      return { object, rest: rest.trim() === "" ? "" : rest };
    }
  }
  return { object: null, rest: stdout };
}

/** The spans with balanced braces that start where `start` matches. */
function findSpans(text: string, start: RegExp): [number, number][] {
  const spans: [number, number][] = [];
  let budget = text.length * MAX_PASSES;
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    const from = match.index + match[0].length - 1;
    const { end, seen } = findClose(text, from);
    budget -= seen;
    if (budget < 0) break;
    if (end < 0) continue;
    spans.push([from, end]);
    start.lastIndex = end;
  }
  return spans;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** The offset after the brace that closes the one at `from`; -1 when none does. */
function findClose(text: string, from: number): { end: number; seen: number } {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) quoted = false;
      // JSON has no newline inside a string, so this is not JSON.
      else if (code === NEWLINE) return { end: -1, seen: at - from };
    } else if (code === QUOTE) quoted = true;
    else if (code === OPEN) depth++;
    else if (code === CLOSE && --depth === 0) {
      return { end: at + 1, seen: at - from };
    }
  }
  return { end: -1, seen: text.length - from };
}

function parseObject(text: string): JsonObject | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return null;
  const value = tryParse(trimmed) ??
    (/NaN|Infinity/.test(trimmed) ? tryParse(withoutNaN(trimmed)) : null);
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? value
    : null;
}

function tryParse(text: string): Json {
  try {
    return parseUntrustedJson(text);
  } catch {
    // Not JSON, or nested too deeply for a result: the caller tries others.
    return null;
  }
}

/**
 * Replaces NaN and Infinity, which Python writes but JSON does not have. Strings
 * are skipped by hand: an expression that matches them takes quadratic time for
 * quotes that never close, and overflows its stack for a long string.
 */
function withoutNaN(text: string): string {
  const token = /"|-?\bInfinity\b|\bNaN\b/g;
  let replaced = "";
  let from = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '"') {
      token.lastIndex = endOfString(text, match.index) + 1;
      continue;
    }
    replaced += `${text.slice(from, match.index)}null`;
    from = token.lastIndex;
  }
  return replaced + text.slice(from);
}

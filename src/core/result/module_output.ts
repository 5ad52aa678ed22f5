// Finds the object that a module printed among other text on its stdout. Takes
// linear time, even for hostile text. The gate has the same rules
// (ftl_gate/module_output.py); tests/fixtures/module_output.json holds both.
import { isObject } from "../../protocol/body.ts";
import { parseUntrustedJson } from "../../protocol/untrusted_json.ts";
import type { JsonObject } from "../../protocol/message.ts";

/** The parts of a module's stdout. */
export interface ModuleOutput {
  /** The object; null when none was printed whole. */
  object: JsonObject | null;
  /** The text before and after it. */
  rest: string;
  /** How many objects were printed; the last one counts. */
  count: number;
  /** What is wrong with the last object; undefined when nothing is, or none was. */
  fault?: string;
}

const NO_END = "it has no end";

/** An object or a list of objects, at the start of a line. */
const START =
  /(?:^|\n)[ \t]*(?:\{(?=[ \t\r\n]*["}])|\[(?=[ \t\r\n]*\{[ \t\r\n]*["}]))/g;

/** What follows when JSON goes on after the closing bracket; a new line may start. */
const MORE = /[ \t]*[[{]|[ \t\r\n]*[\]},:]/y;

/**
 * Takes the last object that starts a line. It must be whole, and must not be in
 * a list or in an object that is broken: one of those reaches to the end of the
 * text where its brackets do not close. Ansible takes everything from the first
 * line that starts with `{` (`_filter_non_json_lines`), and fails where it finds
 * more than one object.
 */
export function readModuleOutput(stdout: string): ModuleOutput {
  const trimmed = trim(stdout);
  if (trimmed.startsWith("{") && trimmed.endsWith("}")) {
    const { object } = parseObject(trimmed);
    if (object !== null) return { object, rest: "", count: 1 };
  }
  const { span, count, isOpen } = findLast(stdout);
  if (isOpen) return { object: null, rest: stdout, count, fault: NO_END };
  if (span === undefined) return { object: null, rest: stdout, count };
  const [from, to] = span;
  const { object, fault } = parseObject(stdout.slice(from, to));
  if (object === null) return { object, rest: stdout, count, fault };
  const rest = stdout.slice(0, from) + stdout.slice(to);
  return { object, rest: rest.trim() === "" ? "" : rest, count };
}

/** The last object that starts a line; `isOpen` when one before its end is broken. */
function findLast(
  text: string,
): { span?: [number, number]; count: number; isOpen: boolean } {
  let span: [number, number] | undefined;
  let count = 0;
  START.lastIndex = 0;
  for (let match = START.exec(text); match !== null; match = START.exec(text)) {
    const from = START.lastIndex - 1;
    const to = findClose(text, from);
    MORE.lastIndex = to;
    const isEntry = text[from] === "{";
    if (isEntry) count++;
    if (to < 0 || MORE.test(text)) return { count, isOpen: true };
    if (isEntry) span = [from, to];
    START.lastIndex = to;
  }
  return { ...(span && { span }), count, isOpen: false };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** The offset after the bracket that closes the one at `from`; -1 when none does. */
function findClose(text: string, from: number): number {
  let depth = 0;
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isQuoted) {
      if (code === BACKSLASH && text.charCodeAt(++at) !== NEWLINE) continue;
      if (code === QUOTE) isQuoted = false;
      // JSON has no newline inside a string.
      else if (code === NEWLINE || code === BACKSLASH) return -1;
    } else if (code === QUOTE) isQuoted = true;
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++;
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      if (--depth === 0) return at + 1;
    }
  }
  return -1;
}

/** The text without JSON's blanks around it. */
function trim(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && " \t\r\n".includes(text[from]!)) from++;
  while (from < to && " \t\r\n".includes(text[to - 1]!)) to--;
  return text.slice(from, to);
}

function parseObject(
  text: string,
): { object: JsonObject; fault?: never } | { object: null; fault: string } {
  try {
    const value = parseUntrustedJson(text);
    if (isObject(value)) return { object: value };
    return { object: null, fault: "it is not an object" };
  } catch (error) {
    const fault = (error as Error).message.replace(/^Cannot read JSON: /, "");
    return { object: null, fault };
  }
}

// Python's regular expressions as those of JavaScript.
import { TemplateError } from "../template_error.ts";
import { PYTHON_ESCAPES } from "./python_escapes.ts";

/** The flags of a pattern. */
export interface RegexFlags {
  readonly ignorecase?: boolean | undefined;
  readonly multiline?: boolean | undefined;
  readonly dotall?: boolean | undefined;
}

const CLASSES: Readonly<Record<string, string>> = {
  d: "\\p{Nd}",
  w: "\\p{L}\\p{N}_",
  s: "\\s\\x1c-\\x1f\\x85",
};

const kept = new Map<string, RegExp>();
const MAX_KEPT = 500;

/**
 * Compiles a pattern of Python's `re`.
 *
 * @param anchor `start`: it matches at the start only, as `re.match` does.
 * @throws {TemplateError} when it is malformed, or uses what JavaScript lacks.
 */
export function pythonRegex(
  pattern: string,
  flags: RegexFlags & { anchor?: "start" | "whole" } = {},
): RegExp {
  const key = JSON.stringify([flags, pattern]);
  let regex = kept.get(key);
  if (regex === undefined) {
    regex = compile(pattern, flags);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(key, regex);
  }
  regex.lastIndex = 0;
  return regex;
}

function compile(
  pattern: string,
  flags: RegexFlags & { anchor?: "start" | "whole" },
): RegExp {
  const inline = /^\(\?([aiLmsux]+)\)/.exec(pattern);
  const letters = inline?.[1] ?? "";
  if (letters.includes("x")) {
    throw new TemplateError("the flag (?x) of patterns is not supported");
  }
  const body = inline === null ? pattern : pattern.slice(inline[0].length);
  const translated = translate(body, {
    multiline: flags.multiline || letters.includes("m"),
    dotall: flags.dotall || letters.includes("s"),
  });
  const isCaseless = flags.ignorecase || letters.includes("i");
  const source = flags.anchor === "start"
    ? `(?<![^])(?:${translated})`
    : flags.anchor === "whole"
    ? `(?<![^])(?:${translated})(?![^])`
    : translated;
  try {
    return new RegExp(source, isCaseless ? "giu" : "gu");
  } catch (error) {
    const why = (error as Error).message.split(": ").at(-1);
    throw new TemplateError(`the pattern '${pattern}' cannot be used: ${why}`);
  }
}

function translate(
  pattern: string,
  { multiline, dotall }: RegexFlags,
): string {
  let out = "";
  let at = 0;
  while (at < pattern.length) {
    const rest = pattern.slice(at);
    const character = String.fromCodePoint(pattern.codePointAt(at)!);
    at += character.length;
    if (character === "\\") {
      const [escaped, used] = translateEscape(rest, false);
      out += escaped;
      at += used - 1;
    } else if (character === "[") {
      const [set, used] = translateSet(rest);
      out += set;
      at += used - 1;
    } else if (character === ".") out += dotall ? "[^]" : "[^\\n]";
    else if (character === "^") {
      out += multiline ? "(?<=\\n|(?<![^]))" : "(?<![^])";
    } else if (character === "$") {
      out += multiline ? "(?=\\n|(?![^]))" : "(?=\\n?(?![^]))";
    } else if (character === "(") {
      const [opened, used] = translateGroup(rest);
      out += opened;
      at += used - 1;
    } else if (character === "{") {
      const count = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
      const isCount = count !== null && (count[1] !== "" || count[3] !== "");
      if (isCount) {
        out += count[1] === "" ? `{0,${count[3]}}` : count[0];
        at += count[0].length - 1;
      } else out += "\\{";
    } else if (character === "}" || character === "]") out += `\\${character}`;
    else out += character;
  }
  return out;
}

function translateGroup(rest: string): [text: string, used: number] {
  const named = /^\(\?P<(\w+)>/.exec(rest);
  if (named !== null) return [`(?<${named[1]}>`, named[0].length];
  const back = /^\(\?P=(\w+)\)/.exec(rest);
  if (back !== null) return [`\\k<${back[1]}>`, back[0].length];
  const remark = /^\(\?#[^)]*\)/.exec(rest);
  if (remark !== null) return ["", remark[0].length];
  const plain = /^\(\?(?::|=|!|<=|<!|[ims]*-?[ims]+:)/.exec(rest);
  if (plain !== null) return [plain[0], plain[0].length];
  if (!rest.startsWith("(?")) return ["(", 1];
  throw new TemplateError(
    `the group ${rest.slice(0, 4)} of patterns is not supported`,
  );
}

function translateEscape(
  rest: string,
  isInSet: boolean,
): [text: string, used: number] {
  const next = rest[1];
  if (next === undefined) {
    throw new TemplateError("a pattern ends with a backslash");
  }
  const set = CLASSES[next.toLowerCase()];
  if (set !== undefined) {
    if (next === next.toLowerCase()) return [isInSet ? set : `[${set}]`, 2];
    if (!isInSet) return [`[^${set}]`, 2];
    return [next === "D" ? "\\P{Nd}" : `\\${next}`, 2];
  }
  if (!isInSet) {
    if (next === "A") return ["(?<![^])", 2];
    if (next === "Z") return ["(?![^])", 2];
    if (next === "b" || next === "B") {
      const word = "[\\p{L}\\p{N}_]";
      const [one, other] = next === "b" ? ["!", "="] : ["=", "!"];
      return [
        next === "b"
          ? `(?:(?<${one}${word})(?${other}${word})|(?<${other}${word})(?${one}${word}))`
          : `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
        2,
      ];
    }
    if (/[1-9]/.test(next)) {
      const [number] = /^\d{1,2}/.exec(rest.slice(1))!;
      return [`\\${number}(?:)`, number.length + 1];
    }
  } else if (next === "b") return ["\\b", 2];
  const code = /^\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8}))/i.exec(rest);
  if (code !== null) {
    const hex = (code[1] ?? code[2] ?? code[3])!.replace(/^0+(?=.)/, "");
    return [`\\u{${hex}}`, code[0].length];
  }
  if (next === "a") return ["\\x07", 2];
  if (next === "0") return ["\\0", 2];
  if (/[fnrtv]/.test(next)) return [`\\${next}`, 2];
  const literal = String.fromCodePoint(rest.codePointAt(1)!);
  return [escapeLiteral(literal, isInSet), 1 + literal.length];
}

function translateSet(rest: string): [text: string, used: number] {
  let at = 1;
  let out = "[";
  if (rest[at] === "^") {
    out += "^";
    at++;
  }
  const first = at;
  for (;;) {
    const character = rest[at];
    if (character === undefined) {
      throw new TemplateError("a pattern has an unterminated character set");
    }
    if (character === "]" && at > first) return [`${out}]`, at + 1];
    if (character === "\\") {
      const [escaped, used] = translateEscape(rest.slice(at), true);
      out += escaped;
      at += used;
    } else if (character === "-") {
      const isRange = at > first && rest[at + 1] !== "]";
      out += isRange && !/(?:\\p\{\w+\}_?|\\[sSwWdD]|\\x85)$/.test(out)
        ? "-"
        : "\\-";
      at++;
    } else {
      out += /[[\]^]/.test(character) ? `\\${character}` : character;
      at++;
    }
  }
}

function escapeLiteral(character: string, isInSet: boolean): string {
  if (isInSet) return /[\\\]^-]/.test(character) ? `\\${character}` : character;
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

/** Python's `re.escape()`. */
export function escapeRegex(text: string): string {
  return text.replace(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, "\\$&");
}

/** A replacement in Python's notation (`\1`, `\g<name>`), for one match. */
export function expandTemplate(
  template: string,
  match: RegExpMatchArray,
): string {
  if (!template.includes("\\")) return template;
  return template.replace(
    /\\(?:g<(\w+)>|(\d{1,2})|([abfnrtv\\])|([a-zA-Z]))/g,
    (_, named, number, control, bad) => {
      if (bad !== undefined) throw new TemplateError(`bad escape \\${bad}`);
      if (control !== undefined) return PYTHON_ESCAPES[control]!;
      const reference = named ?? number;
      const isNumber = /^\d+$/.test(reference);
      const groups = match.groups ?? {};
      if (
        isNumber ? Number(reference) >= match.length : !(reference in groups)
      ) {
        throw new TemplateError(
          isNumber
            ? `invalid group reference ${reference}`
            : `unknown group name '${reference}'`,
        );
      }
      return (isNumber ? match[Number(reference)] : groups[reference]) ?? "";
    },
  );
}

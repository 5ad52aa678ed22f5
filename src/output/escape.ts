// Makes text from hosts safe to show: characters that control a terminal, or that
// reorder or hide text, become visible escapes. Text from a host is escaped
// here exactly once before people see it.

// Characters that reorder or hide text: Unicode Standard Annex #9, invisible
// operators, separators, fillers and tags; and zero-width joiners next to ASCII,
// where they join nothing and make different names look the same.
const HIDDEN = [
  "[\\xad\\u034f\\u061c\\u115f\\u1160\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e",
  "\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb]",
  "|(?<=[\\0-\\x7f]|^)[\\u200c\\u200d]|[\\u200c\\u200d](?=[\\0-\\x7f]|$)",
].join("");
const TAGS = "[\\u{e0000}-\\u{e007f}]";

// Control characters: C0 except tab and newline, DEL, C1. Also lone surrogates,
// which are the only ones that the `u` flag matches.
const UNSAFE = new RegExp(
  `[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]|${TAGS}|${HIDDEN}`,
  "gu",
);

// The same without C0: our own styles and cursor movements need ESC.
const STRAY = new RegExp(
  `[\\x80-\\x9f\\ud800-\\udfff]|${TAGS}|${HIDDEN}`,
  "gu",
);

// The same without characters that JSON.stringify escapes.
const UNSAFE_IN_JSON = new RegExp(`[\\x7f-\\x9f]|${TAGS}|${HIDDEN}`, "gu");

/**
 * Escapes text that may have several lines.
 *
 * Newlines and tabs stay, and a carriage return before a newline is dropped. All
 * other control characters, and characters that reorder text, become `\x1b` or
 * `\u202e`. Backslashes are not doubled: the result is for people.
 */
export function escapeText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(UNSAFE, escapeCharacter);
}

/** Escapes text that must stay on one line, including newlines and tabs. */
export function escapeLine(text: string): string {
  return text.replace(UNSAFE, escapeCharacter)
    .replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/**
 * Converts a value to JSON that is also safe on a terminal, on one line or
 * indented. Additional characters are escaped as `\u009b`, so that the JSON
 * parses to the same value.
 */
export function toJsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent)
    .replace(UNSAFE_IN_JSON, escapeUnits);
}

/**
 * Escapes unsafe characters in text for a terminal, except the control sequences
 * of styles. A safety net in addition to the functions above.
 */
export function escapeStray(text: string): string {
  return text.replace(STRAY, escapeCharacter);
}

function escapeUnits(character: string): string {
  let escaped = "";
  for (let i = 0; i < character.length; i++) {
    const unit = character.charCodeAt(i).toString(16);
    escaped += "\\u" + unit.padStart(4, "0");
  }
  return escaped;
}

function escapeCharacter(character: string): string {
  if (character === "\r") return "\\r";
  const code = character.codePointAt(0)!;
  if (code < 0x100) return "\\x" + code.toString(16).padStart(2, "0");
  if (code < 0x10000) return "\\u" + code.toString(16).padStart(4, "0");
  return `\\u{${code.toString(16)}}`;
}

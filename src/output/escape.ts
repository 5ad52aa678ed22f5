// Makes text that came from a host safe to show: what could drive a terminal or
// reorder what people read becomes a visible escape. Every piece of a host's
// text passes through here before it is shown to people, exactly once.

// Marks that reorder or hide text: Unicode Standard Annex #9, the invisible
// operators, separators, fillers and tags; and zero-width joiners beside ASCII,
// where they join nothing and make two names look the same.
const HIDDEN = [
  "[\\xad\\u034f\\u061c\\u115f\\u1160\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e",
  "\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb]",
  "|(?<=[\\0-\\x7f]|^)[\\u200c\\u200d]|[\\u200c\\u200d](?=[\\0-\\x7f]|$)",
].join("");
const TAGS = "[\\u{e0000}-\\u{e007f}]";

// What a terminal would obey: C0 but tab and newline, DEL, C1. And halves of
// surrogate pairs, which the `u` flag matches only when they stand alone.
const UNSAFE = new RegExp(
  `[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]|${TAGS}|${HIDDEN}`,
  "gu",
);

// The same, less C0: what no text of ours has, styles and moves included.
const STRAY = new RegExp(
  `[\\x80-\\x9f\\ud800-\\udfff]|${TAGS}|${HIDDEN}`,
  "gu",
);

// The same, less what JSON.stringify has escaped already.
const UNSAFE_IN_JSON = new RegExp(`[\\x7f-\\x9f]|${TAGS}|${HIDDEN}`, "gu");

/**
 * Escapes text of several lines.
 *
 * Newlines and tabs stay, a carriage return before a newline is dropped, every
 * other control character and what reorders text reads `\x1b` or `\u202e`. The
 * backslash itself is not doubled: the result is for people.
 */
export function escapeText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(UNSAFE, escapeCharacter);
}

/** Escapes text that must stay on one line: newlines and tabs as well. */
export function escapeLine(text: string): string {
  return text.replace(UNSAFE, escapeCharacter)
    .replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/**
 * Writes a value as JSON that is also safe on a terminal, on one line or indented.
 * What is escaped beyond JSON's own rules is written as `\u009b`, so it reads
 * back as the same value.
 */
export function toJsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent)
    .replace(UNSAFE_IN_JSON, escapeUnits);
}

/**
 * Escapes what is left in text that is about to reach a terminal: a net below
 * the functions above, which keeps the control sequences of styles.
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

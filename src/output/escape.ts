// Makes text that came from a host safe to show: what could drive a terminal or
// reorder what people read becomes a visible escape. Every piece of a host's
// text passes through here before it is shown to people, exactly once.

// C0 but tab and newline, DEL, C1; marks that reorder or hide text (Unicode
// Standard Annex #9 and the invisible operators, separators and tags); halves of
// surrogate pairs, which the `u` flag matches only when they stand alone.
const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu;

// The same, less what JSON.stringify has escaped already, in UTF-16 units.
const UNSAFE_IN_JSON =
  /[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

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
 * Writes a value as JSON on one line that is also safe on a terminal. What is
 * escaped beyond JSON's own rules is written as `\u009b`, so it reads back as
 * the same value.
 */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE_IN_JSON, escapeUnits);
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

// What one word of a call's arguments means, by the rules of Ansible's `-a`: a
// key and a value whose escapes are decoded, or a part of a command, which keeps
// the escapes that it was written with.
import { PYTHON_ESCAPES } from "../../template/values/python_escapes.ts";

/** A key with its value, or text that is part of the free form. */
export type KeyValue =
  | { readonly key: string; readonly value: string }
  | { readonly free: string };

/** The options that Ansible takes out of a command's text. */
const COMMAND_OPTIONS: ReadonlySet<string> = new Set([
  "chdir",
  "creates",
  "executable",
  "removes",
  "stdin",
  "stdin_add_newline",
  "strip_empty_ends",
  "warn",
]);

const ESCAPE =
  /\\(?:U([0-9A-Fa-f]{8})|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|N\{([^}]+)\}|([\\'"abfnrtv]))/g;

/** What Python's `str.strip` removes, which is not what `trim` removes. */
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028" +
  "\\u2029\\u202f\\u205f\\u3000]";
const OUTER_SPACE = new RegExp(`^${SPACE}+|${SPACE}+$`, "g");

/**
 * Reads a word as `splitArguments` gives it. The first `=` that is neither the
 * word's first character nor after a backslash separates key and value.
 *
 * @param options `isCommand`: only Ansible's options of commands are keys.
 * @throws {SyntaxError} when an escape of a value cannot be decoded.
 */
export function readKeyValue(
  word: string,
  { isCommand }: { isCommand: boolean },
): KeyValue {
  const { text, unknown } = decodeEscapes(word);
  if (!text.includes("=")) return { free: word };
  const sign = text.search(/(?<=[^\\])=/);
  if (sign < 0) return { free: text.replaceAll("\\=", "=") };
  const key = text.slice(0, sign);
  if (isCommand && !COMMAND_OPTIONS.has(key)) return { free: word };
  if (unknown !== undefined) {
    throw new SyntaxError(
      `Cannot read the argument ${strip(key)}: the escape ${unknown} names ` +
        "no character that ftl knows",
    );
  }
  return { key: strip(key), value: unquote(strip(text.slice(sign + 1))) };
}

/** A word with its outer quotes taken off, when they are a pair. */
export function unquote(text: string): string {
  const quote = text[0];
  const isQuoted = text.length > 1 && (quote === '"' || quote === "'") &&
    text.endsWith(quote) && text.at(-2) !== "\\";
  return isQuoted ? text.slice(1, -1) : text;
}

/** A word without the space around it. */
export function strip(text: string): string {
  return text.replace(OUTER_SPACE, "");
}

/** The text, and the last escape that could not be decoded and was left. */
function decodeEscapes(word: string): { text: string; unknown?: string } {
  let unknown: string | undefined;
  const text = word.replace(ESCAPE, (escape, long, short, byte, name, mark) => {
    const code = parseInt(long ?? short ?? byte, 16);
    if (name !== undefined || code > 0x10ffff) {
      unknown = escape;
      return escape;
    }
    if (mark === undefined) return String.fromCodePoint(code);
    return PYTHON_ESCAPES[mark]!;
  });
  return unknown === undefined ? { text } : { text, unknown };
}

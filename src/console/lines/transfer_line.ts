// What stands behind `:push` and `:fetch`.
import { splitWords } from "../../core/shell/shell_words.ts";
import type { JsonObject } from "../../protocol/message.ts";

/** What may follow the two paths; true: with a value. */
const OPTIONS = {
  push: {
    mode: true,
    owner: true,
    group: true,
    preserve: false,
    parents: false,
  },
  fetch: { preserve: false },
} as const;

/**
 * Reads two paths, and options behind them, as the arguments of the call.
 *
 * @throws {SyntaxError} when they are not that.
 */
export function readTransfer(
  word: keyof typeof OPTIONS,
  text: string,
): JsonObject {
  const [src, dest, ...rest] = splitWords(text).map((each) => each.text);
  if (!src || !dest) {
    const usage = word === "push" ? "SRC and DEST" : "SRC and DIR";
    throw new SyntaxError(`:${word} wants ${usage} behind it`);
  }
  const args: JsonObject = { src, dest };
  const known: Readonly<Record<string, boolean>> = OPTIONS[word];
  for (const option of rest) {
    const [, name = "", value] = /^(\w+)(?:=([^]*))?$/.exec(option) ?? [];
    const isKnown = Object.hasOwn(known, name) &&
      known[name] === (value !== undefined);
    if (!isKnown || (name === "mode" && !/^0?[0-7]{3,4}$/.test(value!))) {
      throw new SyntaxError(`Cannot read ${option} behind :${word}`);
    }
    args[name] = value ?? true;
  }
  return args;
}

// The arguments of `:push` and `:fetch`.
import { splitWords } from "../../core/shell/shell_words.ts";
import type { FetchArgs, PushArgs } from "../../core/call/call.ts";

/** The options after the two paths; true if the option takes a value. */
const OPTIONS = {
  push: {
    mode: true,
    owner: true,
    group: true,
    preserve: false,
    parents: false,
    delete: false,
  },
  fetch: { preserve: false },
} as const;

/**
 * Reads `SRC DEST` and options: `preserve`, `mode=0644`.
 *
 * @throws {SyntaxError} when a path is missing or an option is unknown.
 */
export function readTransfer(
  word: keyof typeof OPTIONS,
  text: string,
): PushArgs & FetchArgs {
  const [src, dest, ...rest] = splitWords(text).map((each) => each.text);
  if (!src || !dest) {
    const usage = word === "push" ? "SRC and DEST" : "SRC and DIR";
    throw new SyntaxError(`:${word} needs ${usage}`);
  }
  const options: Record<string, string | true> = {};
  const known: Readonly<Record<string, boolean>> = OPTIONS[word];
  for (const option of rest) {
    const [, name = "", value] = /^(\w+)(?:=([^]*))?$/.exec(option) ?? [];
    const isKnown = Object.hasOwn(known, name) &&
      known[name] === (value !== undefined);
    if (!isKnown || (name === "mode" && !/^0?[0-7]{3,4}$/.test(value!))) {
      throw new SyntaxError(
        `Cannot read ${option}: it is not an option of :${word}`,
      );
    }
    options[name] = value ?? true;
  }
  return { src, dest, ...options };
}

// What a line of the console means, and whether it is whole. Pure: text in,
// meaning out.
import { findWord, type WordName, WORDS } from "./words.ts";

/** The meaning of one line. */
export type Line =
  | { kind: "nothing" }
  /** A module call: the module's name, and its arguments as written. */
  | { kind: "call"; module: string; text: string }
  /** A shell command. */
  | { kind: "exec"; command: string }
  /** A word of the console's own, and what follows it. */
  | { kind: "word"; word: WordName; text: string };

/**
 * Reads one line: `MODULE ARGUMENTS…`, `!COMMAND`, `:WORD …` or `# comment`.
 *
 * @throws {SyntaxError} when it is none of these.
 */
export function readLine(line: string): Line {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return { kind: "nothing" };
  if (text.startsWith("!")) {
    const command = text.slice(1).trim();
    if (command === "") throw new SyntaxError("No command follows the !");
    return { kind: "exec", command };
  }
  const [, first, rest] = /^(\S+)\s*([^]*)$/.exec(text)!;
  if (first!.startsWith(":")) {
    return { kind: "word", word: findWord(first!.slice(1)).name, text: rest! };
  }
  if (!/^[\w./-]+$/.test(first!)) {
    throw new SyntaxError(`Not the name of a module: ${first}`);
  }
  return { kind: "call", module: first!, text: rest! };
}

/** The console's word that a line may mean which lacks the colon. */
export function wordWithoutColon(line: string): WordName | undefined {
  const [word = ""] = line.trim().split(/\s+/, 1);
  if (word === "exit") return "quit";
  return WORDS.find(({ name }) => name === word)?.name;
}

/**
 * Joins what was read so far with the next line, or says that there is nothing
 * to join: a line goes on when a quote is open or it ends with a backslash. Such
 * a backslash and its newline vanish (POSIX.1-2017, Shell Command Language,
 * 2.2.1).
 */
export function continues(text: string): "quote" | "backslash" | undefined {
  if (/^\s*#/.test(text)) return undefined;
  const hasQuotes = !/^\s*:/.test(text);
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === "\\" && quote !== "'") {
      if (at === text.length - 1) return "backslash";
      at++;
    } else if (quote !== "") {
      if (char === quote) quote = "";
    } else if (hasQuotes && (char === "'" || char === '"')) {
      quote = char;
    }
  }
  return quote === "" ? undefined : "quote";
}

/** Gathers lines into whole ones. */
export class LineJoiner {
  #held: string | undefined;

  /** A line was begun and is not whole. */
  get isOpen(): boolean {
    return this.#held !== undefined;
  }

  /** Takes one line as it was read; gives the whole line when it is one. */
  push(line: string): string | undefined {
    const text = this.#held === undefined ? line : this.#held + line;
    const why = continues(text);
    this.#held = why === undefined
      ? undefined
      : why === "quote"
      ? `${text}\n`
      : text.slice(0, -1);
    return why === undefined ? text : undefined;
  }

  /** Gives what is held, whole or not, and forgets it. */
  end(): string | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }
}

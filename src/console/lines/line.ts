// Parses a line of the console, and joins lines that continue. Pure.
import { findWord, type WordName, WORDS } from "./words.ts";

/** One parsed line. */
export type Line =
  | { kind: "nothing" }
  /** A module call: the module's name, and its arguments as written. */
  | { kind: "call"; module: string; text: string }
  /** A shell command. */
  | { kind: "exec"; command: string }
  /** A console command, and the text after it. */
  | { kind: "word"; word: WordName; text: string };

/**
 * Reads one line: `MODULE ARGUMENTS…`, `!COMMAND`, `:WORD …` or `# comment`.
 *
 * @throws {SyntaxError} when it has another form.
 */
export function readLine(line: string): Line {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return { kind: "nothing" };
  if (text.startsWith("!")) {
    const command = text.slice(1).trim();
    if (command === "") {
      throw new SyntaxError("Cannot run !: no command follows it");
    }
    return { kind: "exec", command };
  }
  // `:last|jq .` needs no blank.
  const [, first, rest] = /^(:[^\s|>]*|\S+)\s*([^]*)$/.exec(text)!;
  if (first!.startsWith(":")) {
    return { kind: "word", word: findWord(first!.slice(1)).name, text: rest! };
  }
  if (!/^[\w./-]+$/.test(first!)) {
    throw new SyntaxError(
      `Cannot read ${
        first!.slice(0, 200)
      }: it is not a module name; ! starts a shell command`,
    );
  }
  return { kind: "call", module: first!, text: rest! };
}

/** The console command at the start of a line that lacks its colon. */
export function wordWithoutColon(line: string): WordName | undefined {
  const [word = ""] = line.trim().split(/\s+/, 1);
  if (word === "exit") return "quit";
  return WORDS.find(({ name }) => name === word)?.name;
}

/**
 * Returns why a line continues on the next one: an open quote, or a backslash
 * at its end. Such a backslash and its newline are removed (POSIX.1-2017, Shell
 * Command Language, 2.2.1).
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

/** Joins lines that continue. */
export class LineJoiner {
  #held: string | undefined;

  /** Whether a line has started and is not complete. */
  get isOpen(): boolean {
    return this.#held !== undefined;
  }

  /** Adds a line as it was read; returns the complete line, if it is one. */
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

  /** Returns the held text, complete or not, and clears it. */
  end(): string | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }
}

// The console's own words, as data: help, completion and the session are made
// from this one table. A word stands behind a colon, so that none can hide
// among thousands of modules.
import { closest } from "../../inventory/suggest.ts";

/** What may follow a word, for completion. */
export type Operand =
  | "nothing"
  | "pattern"
  | "host"
  | "module"
  | "file"
  | "switch"
  | "format"
  | "word"
  | "text";

/** One word of the console. */
export interface ConsoleWord {
  readonly name: string;
  /** What follows it, as help shows it. */
  readonly usage: string;
  readonly help: string;
  readonly operand: Operand;
  /** It changes what later lines do, so `:save` keeps it. */
  readonly isSetting?: boolean;
  /** With nothing behind it, it only says what holds. */
  readonly asks?: boolean;
}

/** All words, in the order of the help. */
export const WORDS = [
  {
    name: "use",
    usage: "[PATTERN]",
    help: "choose the hosts for what follows; all without a pattern",
    operand: "pattern",
    isSetting: true,
  },
  {
    name: "add",
    usage: "PATTERN",
    help: "add hosts to the chosen ones",
    operand: "pattern",
    isSetting: true,
  },
  {
    name: "drop",
    usage: "PATTERN",
    help: "leave hosts out of the chosen ones",
    operand: "pattern",
    isSetting: true,
  },
  {
    name: "hosts",
    usage: "",
    help: "name the chosen hosts",
    operand: "nothing",
  },
  {
    name: "gates",
    usage: "",
    help: "say which gates are open: Python, age, calls",
    operand: "nothing",
  },
  {
    name: "open",
    usage: "[PATTERN]",
    help: "open the gates of chosen hosts now",
    operand: "pattern",
    isSetting: true,
  },
  {
    name: "close",
    usage: "[PATTERN]",
    help: "close gates; the next call opens them again",
    operand: "pattern",
    isSetting: true,
  },
  {
    name: "retry",
    usage: "",
    help: "open the gates that were lost or did not open",
    operand: "nothing",
  },
  {
    name: "failed",
    usage: "",
    help: "show what went wrong in the last call",
    operand: "nothing",
  },
  {
    name: "changed",
    usage: "",
    help: "show what the last call changed",
    operand: "nothing",
  },
  {
    name: "last",
    usage: "",
    help: "show the last call's results again, in full",
    operand: "nothing",
  },
  {
    name: "vars",
    usage: "HOST",
    help: "show a host's variables and groups",
    operand: "host",
  },
  {
    name: "check",
    usage: "[on|off]",
    help: "change nothing, say what would be changed",
    operand: "switch",
    isSetting: true,
    asks: true,
  },
  {
    name: "diff",
    usage: "[on|off]",
    help: "ask modules for the differences that they make",
    operand: "switch",
    isSetting: true,
    asks: true,
  },
  {
    name: "stream",
    usage: "[on|off]",
    help: "show what hosts print as it comes",
    operand: "switch",
    isSetting: true,
    asks: true,
  },
  {
    name: "become",
    usage: "[USER|off]",
    help: "run as another user; asks for the password if need be",
    operand: "switch",
    isSetting: true,
    asks: true,
  },
  {
    name: "fanout",
    usage: "[NUMBER]",
    help: "bound how many gates are open; others close for them",
    operand: "text",
    isSetting: true,
    asks: true,
  },
  {
    name: "timeout",
    usage: "[TIME]",
    help: "bound a call on one host: 30s, 5m, 1h",
    operand: "text",
    isSetting: true,
    asks: true,
  },
  {
    name: "format",
    usage: "[FORMAT]",
    help: "write results as text, json, ndjson or table COLUMN,…",
    operand: "format",
    isSetting: true,
    asks: true,
  },
  {
    name: "push",
    usage: "SRC DEST",
    help: "copy a file or folder to them: mode=0644, preserve …",
    operand: "file",
  },
  {
    name: "fetch",
    usage: "SRC DIR",
    help: "copy a file or folder of theirs to DIR/HOST/",
    operand: "text",
  },
  {
    name: "save",
    usage: "FILE",
    help: "write this session's lines to a new file",
    operand: "file",
  },
  {
    name: "source",
    usage: "FILE",
    help: "run the lines of a file, up to the first that fails",
    operand: "file",
  },
  {
    name: "doc",
    usage: "MODULE",
    help: "show what a module does and takes",
    operand: "module",
  },
  {
    name: "help",
    usage: "[WORD]",
    help: "show this",
    operand: "word",
  },
  {
    name: "quit",
    usage: "",
    help: "close the gates and leave; so does ^D",
    operand: "nothing",
  },
] as const satisfies readonly ConsoleWord[];

/** The name of a word. */
export type WordName = typeof WORDS[number]["name"];

/**
 * Finds a word by its name or by the begin of one.
 *
 * @throws {SyntaxError} when there is none, or there are several.
 */
export function findWord(
  name: string,
): ConsoleWord & { readonly name: WordName } {
  const exact = WORDS.find((word) => word.name === name);
  if (exact) return exact;
  const begun = WORDS.filter((word) => name && word.name.startsWith(name));
  if (begun.length === 1) return begun[0]!;
  if (begun.length > 1) {
    const names = begun.map((word) => `:${word.name}`).join(", ");
    throw new SyntaxError(`Cannot tell what :${name} means: ${names}`);
  }
  const meant = closest(name, WORDS.map((word) => word.name)) ?? "help";
  throw new SyntaxError(`There is no :${name}: did you mean :${meant}?`);
}

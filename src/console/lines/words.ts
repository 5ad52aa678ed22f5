// The console commands, as data: help, completion and the session use
// this one table. A command starts with a colon, so that it cannot be confused
// with one of thousands of modules.
import { closest } from "../../inventory/suggest.ts";

/** The kind of a command's operand, for completion. */
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

/** One console command. */
export interface ConsoleWord {
  readonly name: string;
  /** Its operands, as help shows them. */
  readonly usage: string;
  readonly help: string;
  readonly operand: Operand;
  /** It affects later lines, so `:save` keeps it. */
  readonly isSetting?: boolean;
  /** Without an operand, it only shows the current setting. */
  readonly showsCurrent?: boolean;
}

/** All commands, in the order of the help. */
export const WORDS = [
  {
    name: "use",
    usage: "[PATTERN]",
    help: "choose the hosts for later lines; all by default",
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
    help: "remove hosts from the chosen ones",
    operand: "pattern",
    isSetting: true,
  },
  {
    name: "hosts",
    usage: "",
    help: "list the chosen hosts by state",
    operand: "nothing",
  },
  {
    name: "gates",
    usage: "",
    help: "list gates: Python, age, calls, state",
    operand: "nothing",
  },
  {
    name: "open",
    usage: "[PATTERN]",
    help: "open gates now",
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
    help: "open the gates that were lost or failed to open",
    operand: "nothing",
  },
  {
    name: "failed",
    usage: "",
    help: "show the failures of the last call",
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
    usage: "[PATTERN] [PATH]",
    help: "show the last results in full; | COMMAND, > FILE",
    operand: "pattern",
  },
  {
    name: "compare",
    usage: "[PATTERN] [PATH]",
    help: "show how the last results differ",
    operand: "pattern",
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
    help: "change nothing, show what would change",
    operand: "switch",
    isSetting: true,
    showsCurrent: true,
  },
  {
    name: "diff",
    usage: "[on|off]",
    help: "show the changes that modules make",
    operand: "switch",
    isSetting: true,
    showsCurrent: true,
  },
  {
    name: "stream",
    usage: "[on|off]",
    help: "show output while a call runs",
    operand: "switch",
    isSetting: true,
    showsCurrent: true,
  },
  {
    name: "become",
    usage: "[on|off|USER]",
    help: "run as root or USER; asks for a password if needed",
    operand: "switch",
    isSetting: true,
    showsCurrent: true,
  },
  {
    name: "fanout",
    usage: "[NUMBER]",
    help: "limit how many gates are open at once",
    operand: "text",
    isSetting: true,
    showsCurrent: true,
  },
  {
    name: "timeout",
    usage: "[TIME]",
    help: "limit how long a call runs on a host: 30s, 5m, 1h",
    operand: "text",
    isSetting: true,
    showsCurrent: true,
  },
  {
    name: "background",
    usage: "[TIME|off]",
    help: "run modules as jobs that outlive ftl",
    operand: "text",
    isSetting: true,
    showsCurrent: true,
  },
  {
    name: "jobs",
    usage: "[wait|cancel] [JOB]",
    help: "list the jobs of the hosts, or show one",
    operand: "text",
  },
  {
    name: "confirm",
    usage: "[NUMBER|off]",
    help: "ask before a call on more than NUMBER hosts",
    operand: "text",
    isSetting: true,
    showsCurrent: true,
  },
  {
    name: "format",
    usage: "[FORMAT]",
    help: "show results as text, json, ndjson, table COLUMN,…",
    operand: "format",
    isSetting: true,
    showsCurrent: true,
  },
  {
    name: "push",
    usage: "SRC DEST",
    help: "copy a file or folder to hosts: mode=0644, …",
    operand: "file",
  },
  {
    name: "fetch",
    usage: "SRC DIR",
    help: "copy a file or folder from hosts to DIR/HOST/",
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
    help: "run the lines of a file until one fails",
    operand: "file",
  },
  {
    name: "doc",
    usage: "MODULE",
    help: "show what a module does, and its arguments",
    operand: "module",
  },
  {
    name: "help",
    usage: "[COMMAND]",
    help: "show this help, or that of one command",
    operand: "word",
  },
  {
    name: "quit",
    usage: "",
    help: "close the gates and exit, as ^D does",
    operand: "nothing",
  },
] as const satisfies readonly ConsoleWord[];

/** The name of a command. */
export type WordName = typeof WORDS[number]["name"];

/**
 * Finds a command by its name or a prefix of it.
 *
 * @throws {SyntaxError} when none or several match.
 */
export function findWord(
  name: string,
): ConsoleWord & { readonly name: WordName } {
  const exact = WORDS.find((word) => word.name === name);
  if (exact) return exact;
  const matches = WORDS.filter((word) => name && word.name.startsWith(name));
  if (matches.length === 1) return matches[0]!;
  if (matches.length > 1) {
    const names = matches.map((word) => `:${word.name}`).join(", ");
    throw new SyntaxError(`Ambiguous command :${name}: it could be ${names}`);
  }
  const near = closest(name, WORDS.map((word) => word.name));
  throw new SyntaxError(
    `Unknown command :${name}: ` +
      (near ? `did you mean :${near}?` : ":help lists all commands"),
  );
}

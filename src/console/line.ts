// What a line of the console means. Pure: text in, meaning out.

/** The meaning of one line. */
export type Line =
  | { kind: "nothing" }
  /** A module call: the module's name, and its arguments as written. */
  | { kind: "call"; module: string; text: string }
  /** A shell command. */
  | { kind: "exec"; command: string };

/**
 * Reads one line: `MODULE ARGUMENTS…`, `!COMMAND`, or `# comment`.
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
  const [, module, rest] = /^(\S+)\s*([^]*)$/.exec(text)!;
  if (!/^[\w./-]+$/.test(module!)) {
    throw new SyntaxError(`Not the name of a module: ${module}`);
  }
  return { kind: "call", module: module!, text: rest! };
}

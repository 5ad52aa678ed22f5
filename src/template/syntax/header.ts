// The header of a template file: `#jinja2: trim_blocks:False, lstrip_blocks: True`.
import { TemplateSyntaxError } from "../template_error.ts";
import { changeSyntax, type Syntax } from "./delimiters.ts";

const MARK = "#jinja2:";

/** A template without its header, and the syntax that the header sets. */
export interface HeaderResult {
  readonly text: string;
  readonly syntax: Syntax;
  /** The line of the file at which the text starts. */
  readonly firstLine: number;
}

/**
 * Reads the header of a template.
 *
 * @throws {TemplateSyntaxError} when an option is unknown or its value wrong.
 */
export function readHeader(
  text: string,
  syntax: Syntax,
  file: string,
): HeaderResult {
  if (!text.startsWith(MARK)) return { text, syntax, firstLine: 1 };
  const end = text.indexOf("\n");
  const line = text.slice(MARK.length, end < 0 ? undefined : end);
  const options: Record<string, string | boolean> = {};
  for (const pair of line.split(",")) {
    const [, name, value] = /^\s*(\w+)\s*:\s*(.*?)\s*$/.exec(pair) ?? [];
    const fail = (why: string): never => {
      throw new TemplateSyntaxError(why, { file, line: 1, column: 1 });
    };
    if (name === undefined) {
      fail(`cannot read '${pair.trim()}' in the #jinja2: header`);
    }
    const known = Object.hasOwn(syntax, name!) && name !== "keepsBackslashes";
    if (!known) fail(`unknown option '${name}' in the #jinja2: header`);
    const current = syntax[name as keyof Syntax];
    const quoted = /^(['"])(.*)\1$/.exec(value!);
    if (typeof current === "boolean") {
      if (!/^(?:True|False|[01])$/.test(value!)) {
        fail(`${name} is neither True nor False in the #jinja2: header`);
      }
      options[name!] = value === "True" || value === "1";
    } else if (quoted === null) {
      fail(`${name} has no quotes in the #jinja2: header`);
    } else {
      options[name!] = quoted[2]!.replace(
        /\\([nrt])/g,
        (_, letter) => ({ n: "\n", r: "\r", t: "\t" })[letter as "n"]!,
      );
    }
  }
  return {
    text: end < 0 ? "" : text.slice(end + 1),
    syntax: changeSyntax(syntax, options),
    firstLine: 2,
  };
}

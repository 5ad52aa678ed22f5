// Expands the `%` tokens, `~` and `${VARIABLES}` of values: ssh_config(5), TOKENS
// and ENVIRONMENT VARIABLES. An unknown token is an error: left as it is, it would
// name another host or file.
import type { Directive } from "./parse_config.ts";

/** The values of the letters after `%`. */
export type Tokens = Readonly<Record<string, string>>;

/** How to expand. */
export interface ExpandOptions {
  readonly tokens: Tokens;
  /** The argument to expand. Default: the rest of the line, unchanged. */
  readonly index?: number;
  /** Set for file names: `~` and variables are expanded too. */
  readonly path?: {
    readonly home: string;
    readonly env: (name: string) => string | undefined;
  };
}

/**
 * Expands the value of a line.
 *
 * @throws {SyntaxError} with file and line, when a token is unknown.
 */
export function expandTokens(
  { keyword, args, rest, file, line }: Directive,
  { tokens, index, path }: ExpandOptions,
): string {
  const wrong = (reason: string) =>
    new SyntaxError(`Cannot use ${keyword} in ${file}:${line}: ${reason}`);
  let text = index === undefined ? rest : args[index] ?? "";
  if (path !== undefined) {
    text = text.replace(/^~(?=\/|$)/, path.home);
    text = text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      const value = path.env(name);
      if (value === undefined) throw wrong(`the variable ${name} is not set`);
      return value;
    });
  }
  return text.replace(/%(.?)/g, (token, letter: string) => {
    if (letter === "%") return "%";
    const value = Object.hasOwn(tokens, letter) ? tokens[letter] : undefined;
    if (value === undefined) throw wrong(`${token} is not a known token`);
    // Names come from inventories, and a shell runs the command.
    if (index === undefined && /[\s'"`$\\;&<>|(){}]|^-/.test(value)) {
      throw wrong(`${token} would expand to ${JSON.stringify(value)}`);
    }
    return value;
  });
}

// The `%` tokens, `~` and `${VARIABLES}` of values: ssh_config(5), TOKENS and
// ENVIRONMENT VARIABLES. A token that is not known is an error, because the name
// that is left would be another's.
import type { Directive } from "./parse_config.ts";

/** What the letters after `%` stand for. */
export type Tokens = Readonly<Record<string, string>>;

/** How to expand. */
export interface ExpandOptions {
  readonly tokens: Tokens;
  /** Which word of the line. Default: all of it, as it stands. */
  readonly index?: number;
  /** Given for the names of files: `~` and variables are expanded too. */
  readonly path?: {
    readonly home: string;
    readonly env: (name: string) => string | undefined;
  };
}

/**
 * Expands what a line says.
 *
 * @throws {SyntaxError} with file and line, when a token means nothing.
 */
export function expandTokens(
  { keyword, args, rest, file, line }: Directive,
  { tokens, index, path }: ExpandOptions,
): string {
  const wrong = (reason: string) =>
    new SyntaxError(`Cannot use ${keyword} of ${file}:${line}: ${reason}`);
  let text = index === undefined ? rest : args[index] ?? "";
  if (path !== undefined) {
    text = text.replace(/^~(?=\/|$)/, path.home);
    text = text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      const value = path.env(name);
      if (value === undefined) throw wrong(`there is no variable ${name}`);
      return value;
    });
  }
  return text.replace(/%(.?)/g, (token, letter: string) => {
    if (letter === "%") return "%";
    const value = Object.hasOwn(tokens, letter) ? tokens[letter] : undefined;
    if (value === undefined) throw wrong(`${token} is not known`);
    // Names come from inventories, and a command is read by a shell.
    if (index === undefined && /[\s'"`$\\;&<>|(){}]|^-/.test(value)) {
      throw wrong(`${token} would be ${JSON.stringify(value)}`);
    }
    return value;
  });
}

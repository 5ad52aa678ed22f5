// Parses ssh_config files to a tree: lines in order, included files in their
// place. Which lines apply depends on the host, and is decided elsewhere. Grammar:
// ssh_config(5).

/** The text of one file. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** A line that sets a value; `args` are its arguments without quotes. */
export interface Directive {
  readonly kind: "set";
  /** In lower case. */
  readonly keyword: string;
  readonly args: readonly string[];
  /** The text after the keyword, unchanged, for commands. */
  readonly rest: string;
  readonly file: string;
  readonly line: number;
}

/** `Host` or `Match`: the hosts that the lines after it apply to. */
export interface Condition {
  readonly kind: "host" | "match";
  readonly args: readonly string[];
  readonly file: string;
  readonly line: number;
}

/** Other files, whose lines apply when this line does. */
export interface Inclusion {
  readonly kind: "include";
  readonly files: readonly SshConfig[];
}

/** A parsed file. */
export type SshConfig = readonly (Directive | Condition | Inclusion)[];

/** How deep files may include each other, as in OpenSSH. */
const MAX_DEPTH = 16;

/**
 * Parses a file. `include` returns the files that match an `Include` pattern, in
 * the order of their names.
 *
 * @throws {SyntaxError} with file and line.
 */
export function parseSshConfig(
  { path, text }: ConfigFile,
  include: (pattern: string) => readonly ConfigFile[],
): SshConfig {
  return parseAt(0, { path, text }, include);
}

function parseAt(
  depth: number,
  { path, text }: ConfigFile,
  include: (pattern: string) => readonly ConfigFile[],
): SshConfig {
  const nodes: (Directive | Condition | Inclusion)[] = [];
  for (const [i, source] of text.split(/\r?\n/).entries()) {
    const place = { file: path, line: i + 1 };
    const match = /^\s*([^\s=#"]+)(?:\s*=\s*|\s+|$)(.*?)\s*$/.exec(source);
    if (match === null) continue; // empty, or a comment
    const [, word = "", rest = ""] = match;
    const keyword = word.toLowerCase();
    // Any # ends its list: parse_jump() of OpenSSH's readconf.c.
    const value = keyword === "proxyjump" ? rest.replace(/#.*/, "") : rest;
    const args = splitArguments(value, place);
    if (keyword === "host" || keyword === "match") {
      nodes.push({ kind: keyword, args, ...place });
    } else if (keyword === "include") {
      if (depth === MAX_DEPTH) {
        throw wrong(place, "files include each other too deeply");
      }
      const files = args.flatMap(include)
        .map((file) => parseAt(depth + 1, file, include));
      nodes.push({ kind: "include", files });
    } else {
      nodes.push({ kind: "set", keyword, args, rest, ...place });
    }
  }
  return nodes;
}

/** Splits at spaces and tabs outside quotes; `#` starts a comment. */
function splitArguments(
  text: string,
  place: { file: string; line: number },
): string[] {
  const args: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    const next = text[i + 1] ?? "";
    if (char === "\\" && (/["'\\]/.test(next) || (next === " " && !quote))) {
      word = (word ?? "") + next;
      i++;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) args.push(word);
      word = undefined;
    } else if (char === "#" && word === undefined) {
      return args;
    } else word = (word ?? "") + char;
  }
  if (quote !== "") throw wrong(place, "a quote is not closed");
  if (word !== undefined) args.push(word);
  return args;
}

function wrong(
  { file, line }: { file: string; line: number },
  reason: string,
): SyntaxError {
  return new SyntaxError(`Cannot read ${file}:${line}: ${reason}`);
}

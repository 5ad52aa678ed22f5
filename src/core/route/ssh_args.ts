// Reads ansible_ssh_common_args, which are arguments of `ssh`, as lines of
// ssh_config. An argument that ftl cannot follow is an error, never ignored.
import {
  type Directive,
  parseSshConfig,
  type SshConfig,
} from "../../transport/ssh_config/parse_config.ts";

/** The arguments as ssh_config. */
export interface SshArgs {
  /** Lines for this host alone. */
  readonly own: SshConfig;
  /** The file of `-F`, which replaces all other files. */
  readonly config: string | undefined;
}

/** The name of the arguments in errors and in `ftl inventory explain`. */
export const SSH_ARGS = "ansible_ssh_common_args";

/** Options with a value, and the equivalent keywords of ssh_config. */
const KEYWORDS: Readonly<Record<string, string>> = {
  J: "proxyjump",
  i: "identityfile",
  l: "user",
  p: "port",
  c: "ciphers",
  m: "macs",
  b: "bindaddress",
  S: "controlpath",
};

/** Options without a value, and the equivalent lines. */
const FLAGS: Readonly<Record<string, readonly [string, string]>> = {
  4: ["addressfamily", "inet"],
  6: ["addressfamily", "inet6"],
  A: ["forwardagent", "yes"],
  K: ["gssapiauthentication", "yes"],
};

/** Options without effect on commands that run without a terminal. */
const IRRELEVANT = "CTXYakqtvx";

/**
 * Reads arguments of `ssh`.
 *
 * @throws {SyntaxError} that names an argument that ftl cannot follow.
 */
export function readSshArgs(words: readonly string[]): SshArgs {
  const own: Directive[] = [];
  let config: string | undefined;
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (!/^-[^-]/.test(word)) throw wrong(word, "it is not an option of ssh");
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!;
      const flag = FLAGS[letter];
      if (flag !== undefined) own.push(line(...flag));
      if (flag !== undefined || IRRELEVANT.includes(letter)) continue;
      const keyword = KEYWORDS[letter];
      if (keyword === undefined && letter !== "o" && letter !== "F") {
        throw wrong(`-${letter}`, "ftl has no equivalent");
      }
      const value = word.slice(i + 1) || rest.shift();
      if (value === undefined) {
        throw wrong(`-${letter}`, "its value is missing");
      }
      if (letter === "F") config ??= value;
      else if (letter === "o") own.push(...parseOption(value));
      else own.push(line(keyword!, value));
      break;
    }
  }
  return { own, config };
}

function line(keyword: string, value: string): Directive {
  const args = [value];
  return { kind: "set", keyword, args, rest: value, file: SSH_ARGS, line: 1 };
}

/** Reads `-o Keyword=value`, which is a line of ssh_config. */
function parseOption(text: string): Directive[] {
  const [node, ...others] = parseSshConfig(
    { path: SSH_ARGS, text },
    () => [],
  );
  if (node?.kind !== "set" || others.length > 0) {
    throw wrong(`-o ${text}`, "it sets nothing");
  }
  return [node];
}

function wrong(word: string, reason: string): SyntaxError {
  return new SyntaxError(`Cannot use ${word} of ${SSH_ARGS}: ${reason}`);
}

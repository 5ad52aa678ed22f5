// The words of ansible_ssh_common_args: what `ssh` would be given, as lines of
// ssh_config. What cannot be done is refused by name, never passed over.
import {
  type Directive,
  parseSshConfig,
  type SshConfig,
} from "../../transport/ssh_config/parse_config.ts";

/** What the words say. */
export interface SshArgs {
  /** Lines for this host alone. */
  readonly own: SshConfig;
  /** The file of `-F`: it is meant in place of all others. */
  readonly config: string | undefined;
}

/** How errors and `ftl inventory explain` speak of the words. */
export const SSH_ARGS = "ansible_ssh_common_args";

/** Options with a value, and the keyword of ssh_config that says the same. */
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

/** Options without one, and the line that says the same. */
const FLAGS: Readonly<Record<string, readonly [string, string]>> = {
  4: ["addressfamily", "inet"],
  6: ["addressfamily", "inet6"],
  A: ["forwardagent", "yes"],
  K: ["gssapiauthentication", "yes"],
};

/** Options that change nothing for who only runs commands. */
const IRRELEVANT = "CTXYakqtvx";

/**
 * Reads the words.
 *
 * @throws {SyntaxError} that names the word that cannot be used.
 */
export function readSshArgs(words: readonly string[]): SshArgs {
  const own: Directive[] = [];
  let config: string | undefined;
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (!/^-[^-]/.test(word)) throw wrong(word, "it is no option of ssh");
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!;
      const flag = FLAGS[letter];
      if (flag !== undefined) own.push(line(...flag));
      if (flag !== undefined || IRRELEVANT.includes(letter)) continue;
      const keyword = KEYWORDS[letter];
      if (keyword === undefined && letter !== "o" && letter !== "F") {
        throw wrong(`-${letter}`, "ftl has nothing like it");
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

/** `-o Keyword=value` is a line of ssh_config. */
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

// Options and words that users of ansible, pdsh and clush type by habit, and what
// ftl has for them. Only consulted after a command line was refused.

/** Hints for options that a command of ftl does not have. */
const OPTION_HINTS: Readonly<Record<string, string>> = {
  "-w":
    "To choose hosts, use -l web[1-3], or -i web1,web2, without an inventory",
  "-g": "To choose a group, use -l GROUP",
  "-x": "To exclude hosts, use -l 'all:!HOST'",
  "--hosts": "To choose hosts, use -l PATTERN",
  "-B": "Equal results are shown once anyway; --timeout limits a call",
  "--background": "Leave it out; --timeout limits a call",
  "-P": "Leave it out; ftl needs no polling",
  "--poll": "Leave it out; ftl needs no polling",
  "-o": "For one line per host, use --format table or --format ndjson",
  "--one-line": "For one line per host, use --format table or --format ndjson",
  "-t": "To keep results in files, use --output DIR; for a time limit, " +
    "--connect-timeout",
  "--tree": "To keep results in files, use --output DIR",
  "-f": "To open at most N hosts at once, use --fanout N",
  "--forks": "To open at most N hosts at once, use --fanout N",
  "-T": "For the time limit of connecting, use --connect-timeout",
  "--task-timeout": "For the time limit of a call, use --timeout",
  "-s": "To run as another user, use -b",
  "--sudo": "To run as another user, use -b",
  "-S": "To run as another user, use -b; the exit status needs no option",
  "-U": "To run as another user, use -b --become-user NAME",
  "--sudo-user": "To run as another user, use -b --become-user NAME",
  "--su": "To run as another user, use -b --become-method su",
  "-N": "To write results without host names, use --format json",
  "-L": "Lines of each host stay together anyway; --stream shows them at once",
  "-d": "To show more detail, use -v",
  "--module-name": "Use -m NAME",
  "--module-path": "Use -M DIR",
  "--key-file": "Use --private-key FILE",
  "--vault-id": "Use --vault-password-file ID@FILE, or ID@prompt",
  "--vault-pass-file": "Use --vault-password-file FILE",
  "--ask-vault-password": "Use --ask-vault-pass",
  "--become-pass-file": "Use --become-password-file FILE",
  "--conn-pass-file": "Use --password-file FILE",
  "--connection-password-file": "Use --password-file FILE",
  "--inventory-file": "Use -i FILE",
  "--playbook-dir": "Use --collections-path DIR, and -M DIR for modules",
  "--scp-extra-args": "Put these settings into ~/.ssh/config",
  "--sftp-extra-args": "Put these settings into ~/.ssh/config",
  "--ssh-common-args": "Put these settings into ~/.ssh/config",
  "--ssh-extra-args": "Put these settings into ~/.ssh/config",
  "--dry-run": "To change nothing, use --check",
  "--copy": "Use ftl push SRC DEST",
  "--rcopy": "Use ftl fetch SRC DIR",
};

/** Hints that hold for `exec` only, where no module takes arguments. */
const EXEC_HINTS: Readonly<Record<string, string>> = {
  "-a": "Write the command after --, or choose all hosts by leaving out -l",
  "--args": "Write the command after --",
  "-m": "To run a module, use ftl run MODULE",
};

/** What to use instead of an option that a command does not have. */
export function hintForOption(
  flag: string,
  command: string,
): string | undefined {
  const name = flag.replace(/=.*$/, "");
  const own = command === "exec"
    ? { ...OPTION_HINTS, ...EXEC_HINTS }
    : OPTION_HINTS;
  // Short options may have their value attached: `-f20`, `-bw`.
  for (const each of [name, ...shortFlagsOf(name)]) {
    if (Object.hasOwn(own, each)) return own[each];
  }
  return undefined;
}

function shortFlagsOf(flag: string): string[] {
  if (!/^-[A-Za-z]./.test(flag)) return [];
  return [flag.slice(0, 2), `-${flag.at(-1)}`];
}

/** How to write a command line whose first word ftl does not know. */
export function hintForWord(
  word: string,
  rest: readonly string[],
): string | undefined {
  const module = moduleIn(rest);
  if (module !== undefined) {
    return `To run ${module} on ${word}: ftl run ${module} -l ${word}`;
  }
  if (rest.some((each) => each === "-a" || each === "--")) {
    return `To run a shell command on ${word}: ftl exec -l ${word} -- COMMAND`;
  }
  return /^[\w.]+$/.test(word)
    ? `To run a module of this name: ftl run ${word}`
    : undefined;
}

function moduleIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((each) =>
    /^(?:-m|--module(?:-name)?)$/.test(each)
  );
  return at < 0 ? undefined : words[at + 1];
}

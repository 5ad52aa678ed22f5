// Options and words that users of ansible, pdsh and clush type by habit, and what
// ftl has for them. Only consulted after a command line was refused.

/** Hints for options that a command of ftl does not have. */
const OPTION_HINTS: Readonly<Record<string, string>> = {
  "-w":
    "To choose hosts, use -l web[1-3], or -i web1,web2, without an inventory",
  "-g": "To choose a group, use -l GROUP",
  "-x": "To exclude hosts, use -l 'all:!HOST'",
  "--hosts": "To choose hosts, use -l PATTERN",
  "-o": "For one line per host, use --format table; for programs, lines",
  "--one-line":
    "For one line per host, use --format table; for programs, lines",
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

/** Hints for commands that run no module. */
const NO_MODULE_HINTS: Readonly<Record<string, string>> = {
  "-M": "Leave it out: it names modules, and this command runs none",
  "--module-dir": "Leave it out: it names modules, and this command runs none",
};

const IN_BACKGROUND =
  "To run in the background, use ftl run shell -B TIME -P 0 COMMAND";

/** Hints that hold for `exec` only, where no module takes arguments. */
const EXEC_HINTS: Readonly<Record<string, string>> = {
  "-a": "Write the command after --, or choose all hosts by leaving out -l",
  "--args": "Write the command after --",
  "-B": IN_BACKGROUND,
  "--background": IN_BACKGROUND,
  "-P": IN_BACKGROUND,
  "--poll": IN_BACKGROUND,
  "-m": "To run a module, use ftl run MODULE",
};

/** Hints for options before any command. */
const ROOT_HINTS: Readonly<Record<string, string>> = {
  "--list-hosts": "To list hosts, use ftl inventory list PATTERN",
  "-v": "To show the version, use --version; a command comes before its -v",
  "--verbose": "To show more detail, use -v after a command",
};

/** Commands of other programs, and names that this one's could have. */
const WORD_HINTS: Readonly<Record<string, string>> = {
  shell: "To run a shell command, use ftl exec -- COMMAND",
  command: "To run a shell command, use ftl exec -- COMMAND",
  ssh: "To run a shell command, use ftl exec -- COMMAND; for many, ftl console",
  copy: "To copy files to hosts, use ftl push SRC DEST; to run the module, " +
    "ftl run copy",
  cp: "To copy files to hosts, use ftl push SRC DEST",
  scp: "To copy files to hosts, use ftl push SRC DEST",
  put: "To copy files to hosts, use ftl push SRC DEST",
  get: "To copy files from hosts, use ftl fetch SRC DIR",
  rcopy: "To copy files from hosts, use ftl fetch SRC DIR",
  doc: "To show what a module does, use ftl module doc NAME",
  list: "To list hosts, use ftl inventory list; modules, ftl module list",
  hosts: "To list hosts, use ftl inventory list PATTERN",
  "list-hosts": "To list hosts, use ftl inventory list PATTERN",
  playbook: "ftl has no playbooks; ftl console --script runs lines of a file",
  history: "To list earlier runs, use ftl runs list",
  version: "To show the version, use ftl --version",
};

/** What to use instead of an option that a command does not have. */
export function hintForOption(
  flag: string,
  command: string,
): string | undefined {
  const name = flag.replace(/=.*$/, "");
  if (command.startsWith("-") && Object.hasOwn(ROOT_HINTS, name)) {
    return ROOT_HINTS[name];
  }
  const own = command === "exec"
    ? { ...OPTION_HINTS, ...NO_MODULE_HINTS, ...EXEC_HINTS }
    : { ...OPTION_HINTS, ...NO_MODULE_HINTS };
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
  if (Object.hasOwn(WORD_HINTS, word)) return WORD_HINTS[word];
  if (rest.includes("--list-hosts")) {
    return `To list hosts, use ftl inventory list ${word}`;
  }
  const module = moduleIn(rest);
  if (module !== undefined) {
    return `To run ${module} on ${word}: ftl run ${module} -l ${word}`;
  }
  if (rest.some((each) => each === "-a" || each === "--")) {
    return `To run a shell command on ${word}: ftl exec -l ${word} -- COMMAND`;
  }
  return /^[\w.]+$/.test(word)
    ? `To run a module of this name: ftl run ${word}; a shell command: ` +
      `ftl exec -- ${word}`
    : undefined;
}

function moduleIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((each) =>
    /^(?:-m|--module(?:-name)?)$/.test(each)
  );
  return at < 0 ? undefined : words[at + 1];
}

// What is sent to a host so that a command runs as another user: the arguments of
// sudo, doas and su, and the lines on stdin that start them, with Python and
// without.
import { GateError } from "../../errors.ts";
import { execPython, pythonsToTry } from "../../gate/open/python_command.ts";
import { assign, singleQuoted as quote } from "../shell/shell_script.ts";
import type { Become } from "./become.ts";
import elevateText from "./elevate.py" with { type: "text" };

/** The exit status of our shell when its stdin ends before it gets a command. */
const NO_COMMAND = 86;

/** What elevate.py imports beyond the modules that every Python has. */
const NEEDED = "fcntl,resource,select,termios";

/**
 * The command for the login shell. It prints a sentinel, then runs the first line
 * of stdin with Python, or the second line with `sh` when there is no Python. An
 * interpreter that cannot be used is ignored, and so is one that lacks a module, or
 * that the login user may not run or read: commands need none.
 */
export function loginCommand(
  nonce: string,
  python: string | undefined,
): string {
  return `exec /bin/sh -c 'set -f;IFS=;echo ftl-${nonce}-sh >&2;read -r c;` +
    execPython(usablePythons(python), "-c $c", `import\${s}${NEEDED}`) +
    "read -r c;eval $c'";
}

function usablePythons(python: string | undefined) {
  try {
    return pythonsToTry(python);
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    return pythonsToTry(undefined); // opening a gate reports it
  }
}

/** What the lines before the command's own stdin are made from. */
export interface Preamble {
  nonce: string;
  become: Become;
  /** Undefined: the program must not ask. Empty: it may ask for anything else. */
  password: string | undefined;
  /** The command that runs as the other user. */
  command: string;
}

/**
 * The first lines on stdin: the program for Python, the line for a host without
 * it, the arguments of the program that Python starts, the password, and the
 * lines for the other user's shell. Their readers read no byte after them.
 *
 * @throws {GateError} when the password holds a control character.
 * @throws {TypeError} when the command holds a NUL.
 */
export function preamble(
  { nonce, become, password, command }: Preamble,
): string {
  const asks = password !== undefined;
  if (/\p{Cc}/u.test(password ?? "")) {
    throw new GateError(
      `Cannot become ${become.user}: the password holds a control character`,
      {
        phase: "become",
        hint: "Give the password as it is typed, without control characters",
      },
    );
  }
  const source = elevateText.replace(/^ *#.*\n/gm, "");
  const words = programWords(become, { nonce, asks });
  const target = /[\n\0]/.test(command)
    ? `${assign("c", command)};eval "unset c;$c"`
    : command;
  return [
    // A JSON string of ASCII text is also a string literal of Python.
    `exec(${JSON.stringify(source)})`,
    withoutPython(become, { nonce, asks, isEmpty: password === "" }),
    `{"nonce":"${nonce}","plumb":${become.method === "su" ? 1 : 0},` +
    `"argv":[${words.map(pythonLiteral).join(",")}]}`,
    password ?? "",
    `ftl-${nonce}-go`,
    target,
    "",
  ].join("\n");
}

/**
 * Unsets variables of the login user that decide what a program of the other user
 * runs or where it writes: su and doas keep the whole environment, sudo with `-E`
 * most of it. A folder for temporary files stays set when the other user owns it.
 */
const FORGET =
  "unset BASH_ENV CDPATH ENV PYTHONHOME PYTHONPATH PYTHONPLATLIBDIR " +
  "PYTHONPYCACHEPREFIX PYTHONUSERBASE;" +
  ["TMPDIR", "TEMP", "TMP"]
    .map((name) => `[ -O $${name} ]||unset ${name};`).join("");

/**
 * The script of the other user's shell. It skips a password that no program asked
 * for, prints its sentinel, to the terminal too, and runs the next line. It holds
 * no quotes, because it is put between quotes.
 */
function shellOfUser(nonce: string): string {
  return `set -f;IFS=;t=ftl-${nonce};` +
    `while read -r c;do case $c in $t-go)break;esac;done;read -r c||exit ${NO_COMMAND};` +
    "case $LC_ALL in POSIX)unset LC_ALL;esac;" + FORGET +
    "(echo $t-in >/dev/tty) 2>/dev/null;echo $t-in;echo $t-in >&2;eval $c";
}

/**
 * Makes su start this shell instead of the user's own. Only on Linux: su of BSD
 * and macOS passes the arguments after the user to the user's shell.
 */
const LINUX_SHELL = "-s/bin/sh";

/** A script as a command for the user's own shell, which may not be a POSIX one. */
function inShell(text: string): string {
  return `exec /bin/sh -c '${text}'`;
}

interface CommandOptions {
  nonce: string;
  /** Whether the program may ask. */
  asks: boolean;
  /** Whether it gets no password: a touch or a push is its question. */
  isEmpty?: boolean;
}

/** The program and its arguments, when it has a terminal to ask on. */
function programWords(
  become: Become,
  { nonce, asks }: CommandOptions,
): string[] {
  const { method, user, executable = method } = become;
  const shell = ["/bin/sh", "-c", shellOfUser(nonce)];
  const flags = flagsOf(become);
  switch (method) {
    case "sudo": {
      const asking = asks ? ["-p", `ftl-${nonce}-password:`] : ["-n"];
      return [executable, ...flags, ...asking, "-u", user, ...shell];
    }
    case "doas":
      return [executable, ...flags, ...(asks ? [] : ["-n"]), "-u", user]
        .concat(shell);
    case "su": {
      // The shell may lose the terminal (su starts a session): echo to it first.
      const moveBack = `echo ftl-${nonce}-in;exec <&3 >&4 2>&5 3<&- 4>&- 5>&-;`;
      return [executable, ...flags, LINUX_SHELL, user]
        .concat("-c", inShell(moveBack + shellOfUser(nonce)));
    }
  }
}

/** The flags of the settings, except those that decide how the program asks. */
function flagsOf({ method, flags }: Become): readonly string[] {
  if (flags === undefined) return method === "sudo" ? ["-H"] : [];
  if (method === "su") return flags;
  return flags
    .filter((flag) => !/^--(?:non-interactive|stdin|askpass)$/.test(flag))
    .map((flag) =>
      /^-[A-Za-z]+$/.test(flag) ? flag.replace(/[nSA]/g, "") : flag
    )
    .filter((flag) => flag !== "-");
}

/**
 * The line for a host without Python, for `sh`. sudo and su get the password on
 * stdin, before the bytes for the command. A wrong password must be found before
 * more is on stdin: the next line would be tried as a password. doas, and any
 * program that asks for a terminal, gets a terminal.
 */
function withoutPython(
  become: Become,
  { nonce, asks, isEmpty }: CommandOptions,
): string {
  const { method, user, executable = method } = become;
  const program = [executable, ...flagsOf(become)].map(quote).join(" ");
  const shell = shellOfUser(nonce);
  const run = (options = "") =>
    method === "su"
      ? `${program} $o ${quote(user)} -c ${quote(inShell(shell))}`
      : `${program} ${options} -u ${quote(user)} /bin/sh -c '${shell}'`;
  const start = `read -r x;read -r p;${PROGRAMS_SPEAK}` +
    `command -v ${quote(executable)} >/dev/null 2>&1||` +
    `{ echo ftl-${nonce}-missing >&2;exit 127;};` +
    onTerminal(become, { nonce, asks }) + (asks ? GIVEN : "");
  const free = method === "su" ? run() : run("-n");
  const fed = method === "su" ? run() : run('-k -S -p ""');
  // A trial: nothing follows the password on stdin, so no command runs.
  const isTried = (words: string) =>
    `m=$(${words} 2>&1 >/dev/null);s=$?;[ $s = ${NO_COMMAND} ]&&`;
  const orFails = 'printf "%s\\n" "$m" >&2;exit $s';
  const asksOnTerminal =
    'case $m in *" tty"*|*terminal*|*tcsetattr*)on_terminal;;esac;';
  if (isEmpty) return `${start}on_terminal;${NO_TERMINAL}`;
  // When the program does not ask, the password must not be sent: the other user's
  // shell would read it. su cannot be tried without one: that counts as wrong.
  // sudo-rs counts a failure for `-n`, reads ahead of the password, and counts
  // the end of its input as wrong passwords.
  const rust = method === "sudo" && asks
    ? `case $(${
      quote(executable)
    } -V </dev/null 2>&1) in sudo-rs*)on_terminal;` +
      `${NO_TERMINAL};;esac;`
    : "";
  const isFree = method === "su" && asks
    ? '[ "$(id -u)" = 0 ]&&'
    : isTried(`${free} </dev/null`);
  if (method === "doas" && asks) {
    return `${start}${isFree}exec ${free};on_terminal;${orFails}`;
  }
  // Kill the feeder afterwards, or the pipeline outlives the command.
  const feed = `{ sh -c "echo \\$PPID";given;exec cat;}|` +
    `{ read -r f;${fed};s=$?;kill -PIPE $f 2>/dev/null;exit $s;}`;
  return `${start}${rust}${isFree}exec ${free};${asksOnTerminal}` + (
    asks
      ? `${isTried(`given|${fed}`)}{ ${feed};exit;};${asksOnTerminal}${orFails}`
      : orFails
  );
}

/** Makes programs print English unless LC_ALL is set, and sets su's option `$o`. */
const PROGRAMS_SPEAK = '[ "$LC_ALL" ]||{ LC_ALL=POSIX;export LC_ALL;};' +
  `o=;case $(uname) in Linux)o=${LINUX_SHELL};esac;`;

/** Ends as a program does that needs a terminal and has none. */
const NO_TERMINAL = "echo a terminal is required >&2;exit 1";

/** How long the controller may take to open a terminal. */
const TERMINAL_S = 20;

/**
 * Defines `on_terminal`, which reports a folder and so asks the controller for a
 * terminal. The controller runs the folder's script `run` on one; it starts the
 * program there, with its stdin and outputs in pipes that lead here. The folder is
 * new, no other user can replace it, and it is removed when the pipes are open.
 * When it cannot be created, `on_terminal` does nothing.
 */
function onTerminal(become: Become, { nonce, asks }: CommandOptions): string {
  const words = programWords(become, { nonce, asks })
    .map((word) => word === LINUX_SHELL ? "$o" : quote(word)).join(" ");
  const pipes = become.method === "su"
    ? '3<"$d/0" 4>"$d/1" 5>"$d/2"'
    : '<"$d/0" >"$d/1" 2>"$d/2"';
  // A terminal that no process has open hangs up, and sudo closes descriptors.
  const run = `d=\${0%/*};exec 9>&1 ${pipes};${PROGRAMS_SPEAK}` +
    `${words} 9>&-;exit`;
  const make = ["/tmp", "/var/tmp"] // other users may own TMPDIR
    .map((folder) => `mktemp -d ${folder}/ftl-XXXXXXXXXX`).join("||");
  return `on_terminal(){ d=$(${make})&&` + 'mkfifo "$d/0" "$d/1" "$d/2"&&' +
    `printf %s ${quote(run)} >"$d/run"||return;` +
    `(sleep ${TERMINAL_S}& s=$!;trap "kill $s;exit" TERM;wait $s;` +
    'rm -rf "$d";kill $$) >/dev/null 2>&1& w=$!;' +
    `echo ftl-${nonce}-terminal "$d" >&2;` +
    'exec 3>"$d/0" 4<"$d/1" 5<"$d/2" 6<&0;kill $w;rm -rf "$d";' +
    "cat <&4 3>&-& o=$!;cat <&5 >&2 3>&-& e=$!;cat <&6 >&3& i=$!;" +
    "exec 3>&- 6<&-;wait $o $e;kill $i;exit;};";
}

/**
 * Defines `given`, which prints the password with a builtin: all users can see the
 * arguments of a program. When printf is a program (OpenBSD's ksh), print is a
 * builtin.
 */
const GIVEN = "case $(command -v printf) in " +
  'printf)given(){ printf "%s\\n" "$p";};;' +
  '*)given(){ print -r -- "$p";};;esac;';

/** The bytes of a string as a literal for Python 2 and 3. */
function pythonLiteral(text: string): string {
  const bytes = [...new TextEncoder().encode(text)].map((byte) =>
    `\\x${byte.toString(16).padStart(2, "0")}`
  );
  return `"${bytes.join("")}"`;
}

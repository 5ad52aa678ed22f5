// What a host is told so that a command runs as another user: the words of sudo,
// doas and su, and the lines on stdin that start them, with Python and without.
import { GateError } from "../../errors.ts";
import { pythonsToTry } from "../../gate/open/bootstrap_command.ts";
import { assign } from "../shell/shell_script.ts";
import type { Become } from "./become.ts";
import elevateText from "./elevate.py" with { type: "text" };

/** The status of our shell when nobody tells it what to run. */
const UNTOLD = 86;

/**
 * The command line for the login shell, which says that it is there. It takes
 * its first line of stdin to Python, and its second where there is none.
 *
 * @throws {RangeError} when the interpreter's path holds what a shell would not
 * take literally.
 */
export function loginCommand(
  nonce: string,
  python: string | undefined,
): string {
  return `exec /bin/sh -c 'set -f;IFS=;echo ftl-${nonce}-sh >&2;read -r c;` +
    `for p in ${pythonsToTry(python).join(" ")};do ` +
    "command -v $p >/dev/null 2>&1&&exec $p -c $c;done;read -r c;eval $c'";
}

/** Where what follows on stdin is for the command itself. */
export interface Preamble {
  nonce: string;
  become: Become;
  password: string | undefined;
  /** What runs as the other user. */
  command: string;
}

/**
 * The lines for stdin: for Python, for a host without it, about the program that
 * Python is to start, the password, and for the shell of the other user. They
 * take no byte of what stands behind.
 *
 * @throws {GateError} when the password holds what no terminal can be given.
 * @throws {TypeError} when the command holds a NUL.
 */
export function preamble(
  { nonce, become, password = "", command }: Preamble,
): string {
  if (/\p{Cc}/u.test(password)) {
    throw new GateError(
      `Cannot become ${become.user}: the password holds a control character`,
      {
        phase: "become",
        hint: "A terminal would take it for a key: give the password as typed",
      },
    );
  }
  const source = elevateText.replace(/^ *#.*\n/gm, "");
  const words = programWords(become, { nonce, asks: password !== "" });
  const target = /[\n\0]/.test(command)
    ? `${assign("c", command)};eval "unset c;$c"`
    : command;
  return [
    // A JSON string of ASCII text is a Python string literal of the same text.
    `exec(${JSON.stringify(source)})`,
    withoutPython(become, { nonce, asks: password !== "" }),
    `{"nonce":"${nonce}","plumb":${become.method === "su" ? 1 : 0},` +
    `"argv":[${words.map(pythonLiteral).join(",")}]}`,
    password,
    `ftl-${nonce}-go`,
    target,
    "",
  ].join("\n");
}

/**
 * Drops what is the login user's and would decide what a program of the other
 * user runs or where it writes: su and doas pass on all of the environment, and
 * sudo with `-E` nearly all. A folder for files stays where it is his own.
 */
const FORGET =
  "unset BASH_ENV CDPATH ENV PYTHONHOME PYTHONPATH PYTHONPLATLIBDIR " +
  "PYTHONPYCACHEPREFIX PYTHONUSERBASE;" +
  ["TMPDIR", "TEMP", "TMP"]
    .map((name) => `[ -O $${name} ]||unset ${name};`).join("");

/**
 * What the other user's shell does: it skips a password that nobody asked for,
 * says that it is there, to the terminal too, and obeys its next line. It holds
 * no quote, for it stands between some.
 */
function shellOfUser(nonce: string): string {
  return `set -f;IFS=;t=ftl-${nonce};` +
    `while read -r c;do case $c in $t-go)break;esac;done;read -r c||exit ${UNTOLD};` +
    "case $LC_ALL in POSIX)unset LC_ALL;esac;" + FORGET +
    "(echo $t-in >/dev/tty) 2>/dev/null;echo $t-in;echo $t-in >&2;eval $c";
}

/**
 * Lets su start this in place of the user's own shell. Only Linux has it: the su
 * of a BSD or a Mac hands what stands behind the user to that shell.
 */
const LINUX_SHELL = "-s/bin/sh";

/** For the user's own shell, whichever that is. */
function inShell(text: string): string {
  return `exec /bin/sh -c '${text}'`;
}

interface Manner {
  nonce: string;
  /** A password is at hand. */
  asks: boolean;
}

/** The program and its arguments, where it has a terminal to ask on. */
function programWords(become: Become, { nonce, asks }: Manner): string[] {
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
      // It may lose the terminal (su starts a session), so it says so first.
      const behind = `echo ftl-${nonce}-in;exec <&3 >&4 2>&5 3<&- 4>&- 5>&-;`;
      return [executable, ...flags, LINUX_SHELL, user]
        .concat("-c", inShell(behind + shellOfUser(nonce)));
    }
  }
}

/** What the user asked for, less what decides how the program asks. */
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
 * The same for `sh` alone, as one line. sudo and su are given the password on
 * stdin, ahead of what is for the command. A wrong password must be found out
 * before more is on stdin: it would be tried as the next one. doas takes it from
 * a terminal only, and so does what says that it wants one.
 */
function withoutPython(become: Become, { nonce, asks }: Manner): string {
  const { method, user, executable = method } = become;
  const program = [executable, ...flagsOf(become)].map(quote).join(" ");
  const shell = shellOfUser(nonce);
  const run = (options = "") =>
    method === "su"
      ? `${program} $o ${quote(user)} -c ${quote(inShell(shell))}`
      : `${program} ${options} -u ${quote(user)} /bin/sh -c '${shell}'`;
  const begin = `read -r x;read -r p;${PROGRAMS_SPEAK}` +
    `command -v ${quote(executable)} >/dev/null 2>&1||` +
    `{ echo ftl-${nonce}-missing >&2;exit 127;};` +
    onTerminal(become, { nonce, asks }) + (asks ? GIVEN : "");
  const free = method === "su" ? run() : run("-n");
  const fed = method === "su" ? run() : run('-k -S -p ""');
  // Nothing stands behind the password, and no command is told.
  const isTried = (words: string) =>
    `m=$(${words} 2>&1 >/dev/null);s=$?;[ $s = ${UNTOLD} ]&&`;
  const orFails = 'printf "%s\\n" "$m" >&2;exit $s';
  const asksOnTerminal =
    'case $m in *" tty"*|*terminal*|*tcsetattr*)on_terminal;;esac;';
  // Who is not asked must not find the password: it would be read by a shell of
  // the other user. su cannot be tried without one: it would count as wrong.
  const isFree = method === "su" && asks
    ? '[ "$(id -u)" = 0 ]&&'
    : isTried(`${free} </dev/null`);
  if (method === "doas" && asks) {
    return `${begin}${isFree}exec ${free};on_terminal;${orFails}`;
  }
  // Who feeds it is ended behind it, or the pipeline would outlive the command.
  const feed = `{ sh -c "echo \\$PPID";given;exec cat;}|` +
    `{ read -r f;${fed};s=$?;kill -PIPE $f 2>/dev/null;exit $s;}`;
  return `${begin}${isFree}exec ${free};${asksOnTerminal}` + (
    asks
      ? `${isTried(`given|${fed}`)}{ ${feed};exit;};${asksOnTerminal}${orFails}`
      : orFails
  );
}

/** In English, unless the user has a say in that. And what su can be told. */
const PROGRAMS_SPEAK = '[ "$LC_ALL" ]||{ LC_ALL=POSIX;export LC_ALL;};' +
  `o=;case $(uname) in Linux)o=${LINUX_SHELL};esac;`;

/** How long somebody may take to come with a terminal. */
const TERMINAL_S = 20;

/**
 * Defines what asks for a terminal, by a report with a folder: who comes with
 * one and runs `run` there has the program on it, and finds stdin and outputs in
 * pipes that lead here. The folder is new, where nobody else can replace it, and
 * goes as soon as they are open. Where it cannot be made, nothing happens.
 */
function onTerminal(become: Become, { nonce, asks }: Manner): string {
  const words = programWords(become, { nonce, asks })
    .map((word) => word === LINUX_SHELL ? "$o" : quote(word)).join(" ");
  const pipes = become.method === "su"
    ? '3<"$d/0" 4>"$d/1" 5>"$d/2"'
    : '<"$d/0" >"$d/1" 2>"$d/2"';
  // The terminal is hung up when nobody has it open, and sudo closes all it can.
  const run = `d=\${0%/*};exec 9>&1 ${pipes};${PROGRAMS_SPEAK}` +
    `${words} 9>&-;exit`;
  const make = ["/tmp", "/var/tmp"] // TMPDIR may be a folder of others
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
 * Defines what prints the password, which must be no program: its arguments are
 * seen by everybody. Where printf is one (OpenBSD's ksh), print is none.
 */
const GIVEN = "case $(command -v printf) in " +
  'printf)given(){ printf "%s\\n" "$p";};;' +
  '*)given(){ print -r -- "$p";};;esac;';

/** A word for `sh`. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Its bytes as a literal that Python 2 and 3 read. */
function pythonLiteral(text: string): string {
  const bytes = [...new TextEncoder().encode(text)].map((byte) =>
    `\\x${byte.toString(16).padStart(2, "0")}`
  );
  return `"${bytes.join("")}"`;
}

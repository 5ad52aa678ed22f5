// The bytes that make a host run a shell command: a command line that every login
// shell reads in the same way, and the command itself on stdin, encoded, so that
// it is in no argv. The command is the login shell's process and leads a process
// group; a watcher ends the group at the deadline or after a lost connection.
import { KILL_AFTER_MS } from "../../protocol/limits.ts";

/** A command for a host. */
export interface ShellScript {
  /** Any script for a POSIX shell. */
  command: string;
  env: Readonly<Record<string, string>>;
  /** The host ends the command on its own after this many seconds. */
  seconds: number;
  /** Whether frames of the command's stdin follow. Default: false. */
  hasStdin?: boolean;
}

/** The status of a shell that got no script. */
export const NO_SCRIPT = 125;

/** What a shell that got no script prints after the sentinel. */
export function noScriptText(nonce: string): string {
  return `ftl-${nonce}-none\n`;
}

/** A command that prints the sentinel on both outputs, then runs a line of stdin. */
export function shellCommand(nonce: string): string {
  return `exec /bin/sh -c 'set -f;IFS=;t=ftl-${nonce};` +
    `echo $t-sh;echo $t-sh >&2;` +
    `read -r c||{ echo $t-none;exit ${NO_SCRIPT};};eval $c'`;
}

/** Sets `g` to the id of the shell's process group. */
const FIND_GROUP = "g=;IFS=' ';" +
  "read -r x x x x g x 2>/dev/null </proc/$$/stat||" +
  "{ set -- $(ps -o pgid= -p $$ 2>/dev/null);g=$1;};IFS=;";

/** Sets `k` to what `kill` ends the command by: the shell's group, or the shell. */
export const KNOW_GROUP = FIND_GROUP +
  'if [ "$g" = $$ ];then k=-$$;else k=$$;fi;';

/**
 * Makes the shell that runs the next line lead a process group. Some servers start
 * commands in their own group, which must not be killed.
 */
export const LEAD_GROUP = FIND_GROUP +
  '[ "$g" = $$ ]||! command -v setsid >/dev/null 2>&1||' +
  `exec setsid /bin/sh -c 'set -f;IFS=;read -r c||exit ${NO_SCRIPT};eval "$c"';` +
  `read -r c||exit ${NO_SCRIPT};eval "$c"`;

/**
 * The two lines for stdin. It must stay open until the command ends: the end of
 * stdin ends the command. The command's own stdin follows in frames, when it has
 * any; else it is /dev/null.
 *
 * @throws {TypeError} when a string holds a NUL, or a variable has an invalid name.
 */
export function shellInput(script: ShellScript): string {
  const exports = Object.entries(script.env).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new TypeError(
        `Cannot set a variable for the command: ${
          JSON.stringify(name)
        } is not a valid name`,
      );
    }
    return `${assign(name, value)};export ${name};`;
  });
  const start = script.hasStdin
    ? `{ ( ${feed(script.seconds)} ) & }|`
    : `( ${watch(script.seconds)} ) >/dev/null 2>&1 &`;
  const run = KNOW_GROUP +
    `exec 3<&0 </dev/null;${start}` +
    // All in one line, as the shell reads one line.
    `{ exec 3<&-;${exports.join("")}${assign("c", script.command)};` +
    `unset g k t x;set +f;${assign("IFS", " \t\n")};eval "unset c;$c";}`;
  return `${LEAD_GROUP}\n${run}\n`;
}

/** Sends TERM at the end of stdin or of the time, and KILL later, to the group. */
function watch(seconds: number): string {
  return "trap '' HUP INT TERM;" +
    `sleep ${seconds} & s=$!;` +
    "( read -r x;kill -9 $s ) <&3 & " +
    "wait $s;" + KILL_GROUP;
}

/** After the end of the command, another process may get its number. */
const KILL_GROUP = `kill -0 $$&&{ kill -TERM $k;sleep ${
  KILL_AFTER_MS / 1000
};kill -KILL $k;}`;

/** Ends a command's stdin: an empty frame. */
export const STDIN_END: Uint8Array = new TextEncoder().encode("0\n");

/** A frame of a command's stdin: its length in a line, and its bytes. */
export function stdinFrame(chunk: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(`${chunk.length}\n`);
  const frame = new Uint8Array(head.length + chunk.length);
  frame.set(head);
  frame.set(chunk, head.length);
  return frame;
}

/**
 * Like `watch()`, and copies the frames of stdin to its output, the command's
 * stdin. No other process keeps that open, so that the command sees its end. A
 * command that closes its stdin goes on: the rest is dropped. Not every `head` leaves the bytes after its own in the pipe: then dd takes them one
 * by one.
 */
function feed(seconds: number): string {
  return "exec 5>&1 >/dev/null 2>&1;trap '' HUP INT TERM;" +
    `sleep ${seconds} 5>&- & s=$!;{ ${COPY_FRAMES};kill -9 $s;} <&3 & ` +
    `exec 5>&-;${WATCH_PARENT}wait $s;${KILL_GROUP}`;
}

/**
 * While the command reads none of its stdin, the end of stdin goes unseen. So the
 * parent, which ends with the connection, is looked for every second, if it can be.
 */
const WATCH_PARENT = "a(){ kill -0 $PPID||[ -d /proc/$PPID ];};" +
  "! a||{ while sleep 1;do kill -0 $$&&a||break;done;kill -9 $s;} & ";

const COPY_FRAMES =
  'if [ "$(printf ab|{ head -c 1;printf -;cat;} 2>/dev/null)" = a-b ];' +
  'then w(){ head -c "$1";};else w(){ dd bs=1 count="$1";};fi;' +
  "while read -r x;do case $x in 0)exec 5>&-;;" +
  '*)w "$x" >&5||{ exec 5>&-;cat;};esac;done';

/**
 * Assigns any text to a variable, with octal escapes for `printf %b`.
 *
 * @throws {TypeError} when the text holds a NUL.
 */
export function assign(name: string, text: string): string {
  if (text.includes("\0")) {
    throw new TypeError("Cannot run the command: it holds a NUL");
  }
  const bytes = new TextEncoder().encode(text);
  let encoded = "";
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x27 &&
      byte !== 0x5c;
    encoded += isPlain
      ? String.fromCharCode(byte)
      : `\\0${byte.toString(8).padStart(3, "0")}`;
  }
  // Substitution removes newlines at the end, so an `x` follows them.
  return `${name}=$(printf %b '${encoded}x');${name}=\${${name}%x}`;
}

/** Text as one word of `sh`, in single quotes. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

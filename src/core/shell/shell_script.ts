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
}

/** A command that prints the sentinel on both outputs, then runs a line of stdin. */
export function shellCommand(nonce: string): string {
  return `exec /bin/sh -c 'set -f;IFS=;t=ftl-${nonce};` +
    `echo $t-sh;echo $t-sh >&2;read -r c;eval $c'`;
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
  "exec setsid /bin/sh -c 'set -f;IFS=;read -r c;eval \"$c\"';" +
  'read -r c;eval "$c"';

/**
 * The two lines for stdin. It must stay open until the command ends: the end of
 * stdin ends the command.
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
  const run = KNOW_GROUP +
    `exec 3<&0 </dev/null;( ${watch(script.seconds)} ) >/dev/null 2>&1 &` +
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
    "wait $s;" +
    // After the end of the command, another process may get its number.
    `kill -0 $$&&{ kill -TERM $k;sleep ${KILL_AFTER_MS / 1000};kill -KILL $k;}`;
}

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

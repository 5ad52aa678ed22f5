// The bytes that make a host run a shell command: a command line that every
// login shell reads alike, and on stdin the text itself, encoded, so that it is
// in no argv. What runs is the login shell's own process, leader of a group,
// with a watcher beside it that ends the group when the link or the time ends.
import { KILL_AFTER_MS } from "../../protocol/limits.ts";

/** What is to be run. */
export interface ShellScript {
  /** Any text that a POSIX shell takes. */
  command: string;
  env: Readonly<Record<string, string>>;
  /** After how many seconds the host ends it by itself. */
  seconds: number;
}

/** Prints the sentinel on both outputs, then obeys its first line of stdin. */
export function shellCommand(nonce: string): string {
  return `exec /bin/sh -c 'set -f;IFS=;t=ftl-${nonce};` +
    `echo $t-sh;echo $t-sh >&2;read -r c;eval $c'`;
}

/** Sets `g` to the id of the shell's process group. */
const FIND_GROUP = "g=;IFS=' ';" +
  "read -r x x x x g x 2>/dev/null </proc/$$/stat||" +
  "{ set -- $(ps -o pgid= -p $$ 2>/dev/null);g=$1;};IFS=;";

/** Sets `k` to what ends all that the shell has started: its group, or itself. */
export const KNOW_GROUP = FIND_GROUP +
  'if [ "$g" = $$ ];then k=-$$;else k=$$;fi;';

/**
 * A line, behind which the next is run by a shell that leads its group: some
 * servers start commands in their own, which must not be killed.
 */
export const LEAD_GROUP = FIND_GROUP +
  '[ "$g" = $$ ]||! command -v setsid >/dev/null 2>&1||' +
  "exec setsid /bin/sh -c 'set -f;IFS=;read -r c;eval \"$c\"';" +
  'read -r c;eval "$c"';

/**
 * The two lines for stdin, which must then stay open until the command ends:
 * its end is what ends the command.
 *
 * @throws {TypeError} when a text holds a NUL, or a variable has no good name.
 */
export function shellInput(script: ShellScript): string {
  const exports = Object.entries(script.env).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new TypeError(
        `Cannot set a variable for the command: ${
          JSON.stringify(name)
        } is no name of one`,
      );
    }
    return `${assign(name, value)};export ${name};`;
  });
  const run = KNOW_GROUP +
    `exec 3<&0 </dev/null;( ${watch(script.seconds)} ) >/dev/null 2>&1 &` +
    // A newline ends `&`, and a line is all we have.
    `{ exec 3<&-;${exports.join("")}${assign("c", script.command)};` +
    `unset g k t x;set +f;${assign("IFS", " \t\n")};eval "unset c;$c";}`;
  return `${LEAD_GROUP}\n${run}\n`;
}

/** TERM when stdin or the time ends, KILL later, to the whole group. */
function watch(seconds: number): string {
  return "trap '' HUP INT TERM;" +
    `sleep ${seconds} & s=$!;` +
    "( read -r x;kill -9 $s ) <&3 & " +
    "wait $s;" +
    // The command may have ended, and its number be somebody else's soon.
    `kill -0 $$&&{ kill -TERM $k;sleep ${KILL_AFTER_MS / 1000};kill -KILL $k;}`;
}

/** `name=…` for any text: `printf %b` of octal escapes, the end guarded. */
export function assign(name: string, text: string): string {
  if (text.includes("\0")) {
    throw new TypeError("Cannot run a command that holds a NUL");
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
  // Substitution takes newlines off the end, so there is something behind.
  return `${name}=$(printf %b '${encoded}x');${name}=\${${name}%x}`;
}

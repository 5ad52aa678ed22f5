// What a host's sh is told when files are pushed or fetched. POSIX sh, and
// tools that GNU, busybox and the BSDs have; every path is a variable that was
// set from an encoded text, so no name can be taken for a command or an option.
import { assign } from "../shell/shell_script.ts";

/**
 * Words for all that follows: `hs FILE…` prints SHA-256 sums, `st FILE…` type
 * and mode in hexadecimal, size, time, owner and group, both a line for each;
 * with `L=-L` of what links lead to. `al FILE…` says whether an access control
 * list lets somebody write to one of the folders: its mode shows the group's
 * rights then as those of all whom the list names.
 */
export const PRELUDE = "LC_ALL=C;export LC_ALL;" +
  "H='if command -v sha256sum >/dev/null 2>&1;then hc=sha256sum;" +
  'elif command -v shasum >/dev/null 2>&1;then hc="shasum -a 256";' +
  "elif command -v openssl >/dev/null 2>&1;then " +
  'hc="openssl dgst -sha256 -r";else hc=true;fi;' +
  'hs(){ eval "$hc \\"\\$@\\"";};' +
  "if stat -c %f / >/dev/null 2>&1;then " +
  'st(){ stat $L -c "%f %s %Y %u %g" -- "$@";};' +
  'else st(){ stat -f "%Xp %z %m %u %g" -- "$@";};fi;' +
  // Not every ls marks one.
  'al(){ { ls -ldn -- "$@";getfacl -psn -- "$@";} 2>/dev/null|' +
  'grep -q -e "^d....w....+" -e "^mask::.w";};\';export H;eval "$H";';

/** Sets `p` to a path: from the login folder on, `~` is HOME. */
export function setPath(path: string): string {
  return `${assign("p", path)};` +
    'case $p in "~") p=$HOME;;"~/"*) p=$HOME/${p#??};;/*) ;;*) p=${PWD%/}/$p;;' +
    "esac;s=;while :;do case $p in /) break;;*/) s=/;p=${p%/};;*) break;;esac;done;";
}

/**
 * Sets `p` to where something of a name goes. It goes into DEST where that is a
 * folder, or `isInside`; with a name that is empty it is DEST. `w` says that DEST
 * is meant to be a folder.
 */
export function setPlace(
  dest: string,
  { name, isInside }: { name: string; isInside: boolean },
): string {
  const join = name === ""
    ? ""
    : `${assign("b", name)};w=${isInside ? "/" : "$s"};` +
      '[ -d "$p" ]&&w=/;[ -z "$w" ]||p=${p%/}/$b;';
  return `${setPath(dest)}w=;${join}`;
}

/**
 * Runs a command that may take long without a byte in or out, on what `from`
 * takes of stdin; the end of stdin behind that ends the whole shell.
 */
function heeding({ from = "", command }: { from?: string; command: string }) {
  return `{ { /bin/sh -c 'echo $PPID';${from}exec >/dev/null;read -r x;` +
    `kill -TERM $k;}|(read -r w;${command};s=$?;kill -9 $w;exit $s);} ` +
    "2>/dev/null"; // where some shells say that one was killed
}

/** Prints the sum of the file `$f`. */
export const SUM = heeding({ command: 'hs "$f" </dev/null' });

/** Prints the sums of so many files below `.`; stdin has their names. */
export function sumsOf(count: number): string {
  const command = runWithNames('eval "$H";hs "$@"');
  return `(${heeding({ from: `head -n ${count};`, command })})`;
}

/**
 * Names for a command that takes them as its arguments. Each is a line, with
 * newlines in it written as NUL, and a comment: a command that ends before it
 * has read them all leaves lines that do nothing.
 */
export function encodeNames(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const lines = names.map((name) => `#${name.replaceAll("\n", "\0")}\n`);
  return new TextEncoder().encode(lines.join(""));
}

/** Runs `command`, made for sh -c, with so many names from stdin. */
export function withNames(count: number, command: string): string {
  return `head -n ${count}|${runWithNames(command)}`;
}

function runWithNames(command: string): string {
  const plain = 'for f;do set -- "$@" "${f#?}";shift;done;';
  return "tr '\\n\\000' '\\000\\n'|" +
    `xargs -0 -n ${BATCH} /bin/sh -c ${assignable(plain + command)} sh`;
}

/** The shell goes through its arguments in time that grows with their square. */
export const BATCH = 500;

/** A text as one word of sh. */
export function assignable(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The kind of a path: `l`ink, `D` for one to a folder, `d`, `f`, `o`ther, `-`. */
export const KIND =
  'if [ -L "$f" ];then if [ -d "$f" ];then printf D;else printf l;fi;' +
  'elif [ -d "$f" ];then printf d;elif [ -f "$f" ];then printf f;' +
  'elif [ -e "$f" ];then printf o;else printf -- -;fi';

/**
 * For `withNames()`: kinds, whether `al` is true of any, then a line for each
 * that is there, then links.
 */
export const SURVEY = 'eval "$H";set -f;IFS=;' +
  `for f;do ${KIND};done;echo;` +
  'for f;do if [ -e "$f" ]||[ -L "$f" ];then set -- "$@" "$f";fi;shift;done;' +
  '[ $# -gt 0 ]&&al "$@"&&echo +||echo -;' +
  '[ $# -eq 0 ]||st "$@" 2>/dev/null;' +
  'for f;do if [ -L "$f" ];then readlink "$f";printf "\\0";fi;done';

/** For `find -exec`: names, then what `SURVEY` prints of them. */
export const LISTING = 'for f;do printf "%s\\0" "$f";done;printf "\\0";' +
  SURVEY;

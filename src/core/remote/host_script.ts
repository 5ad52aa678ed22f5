// The scripts that run on a host when files are pushed or fetched, for POSIX sh
// and tools that GNU, busybox and the BSDs have. Every path is in a variable that
// is set from encoded text, so no name can become a command or an option.
import { assign, singleQuoted } from "../shell/shell_script.ts";

/** The files whose checksums are requested at once: at most this many, */
export const SUM_NAMES = 2_000;
/** and no more after this many bytes of content. */
export const SUM_BYTES = 512 * 1024 * 1024;

/**
 * Defines functions for the other scripts, which print one line for each file:
 * `hs FILE…` prints SHA-256 checksums; `st FILE…` prints type and mode in hexadecimal,
 * size, time, owner and group, with `L=-L` those of the targets of links.
 * `al FILE…` succeeds when an access control list lets another user write to one
 * of them: its mode then shows the rights of all listed users as the group's.
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

/** Sets `p` to an absolute path; `~` is HOME, other paths start at the login folder. */
export function setPath(path: string): string {
  return `${assign("p", path)};` +
    'case $p in "~") p=$HOME;;"~/"*) p=$HOME/${p#??};;/*) ;;*) p=${PWD%/}/$p;;' +
    "esac;s=;while :;do case $p in /) break;;*/) s=/;p=${p%/};;*) break;;esac;done;";
}

/**
 * Sets `p` to the destination of a file or folder. It goes into DEST when DEST is
 * a folder or `isInside` is set; with an empty name it is DEST itself. `w` is not
 * empty when DEST must be a folder.
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
 * Runs a command that may take long without input or output. It gets the part of
 * stdin that `from` reads; the end of stdin after that part ends the whole shell.
 */
function untilStdinEnds(
  { from = "", command }: { from?: string; command: string },
) {
  return `{ { /bin/sh -c 'echo $PPID';${from}exec >/dev/null;read -r x;` +
    `kill -TERM $k;}|(read -r w;${command};s=$?;kill -9 $w;exit $s);} ` +
    "2>/dev/null"; // some shells report there that a process was killed
}

/** Prints the checksum of the file `$f`. */
export const SUM = untilStdinEnds({ command: 'hs "$f" </dev/null' });

/** Prints the checksums of `count` files below `.`; stdin has their names. */
export function sumsOf(count: number): string {
  const command = runWithNames('eval "$H";hs "$@"');
  return `(${untilStdinEnds({ from: `head -n ${count};`, command })})`;
}

/**
 * Encodes names that a command reads from stdin as its arguments. Each is a line,
 * with newlines in it written as NUL. Each line is a comment for a shell: a command
 * that ends early leaves lines that do nothing.
 */
export function encodeNames(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const lines = names.map((name) => `#${name.replaceAll("\n", "\0")}\n`);
  return new TextEncoder().encode(lines.join(""));
}

/** Runs `command`, a script for `sh -c`, with `count` names from stdin. */
export function withNames(count: number, command: string): string {
  return `head -n ${count}|${runWithNames(command)}`;
}

function runWithNames(command: string): string {
  const plain = 'for f;do set -- "$@" "${f#?}";shift;done;';
  return "tr '\\n\\000' '\\000\\n'|" +
    `xargs -0 -n ${BATCH} /bin/sh -c ${singleQuoted(plain + command)} sh`;
}

/** The names for one shell, which takes quadratic time for its arguments. */
export const BATCH = 500;

/**
 * Prints the kind of the path `$f`: `l` for a link, `D` for a link to a folder, `d`
 * for a folder, `f` for a file, `o` for anything else, `-` for nothing.
 */
export const KIND =
  'if [ -L "$f" ];then if [ -d "$f" ];then printf D;else printf l;fi;' +
  'elif [ -d "$f" ];then printf d;elif [ -f "$f" ];then printf f;' +
  'elif [ -e "$f" ];then printf o;else printf -- -;fi';

/**
 * For `withNames()`: prints the kinds, then whether `al` succeeds for any of them,
 * then a line of `st` for each path that exists, then the targets of links.
 */
export const SURVEY = 'eval "$H";set -f;IFS=;' +
  `for f;do ${KIND};done;echo;` +
  'for f;do if [ -e "$f" ]||[ -L "$f" ];then set -- "$@" "$f";fi;shift;done;' +
  '[ $# -gt 0 ]&&al "$@"&&echo +||echo -;' +
  '[ $# -eq 0 ]||st "$@" 2>/dev/null;' +
  'for f;do if [ -L "$f" ];then readlink "$f";printf "\\0";fi;done';

/** For `find -exec`: prints the names, then the output of `SURVEY` for them. */
export const LISTING = 'for f;do printf "%s\\0" "$f";done;printf "\\0";' +
  SURVEY;

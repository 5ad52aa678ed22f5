// Functions of sh that enter folders on a host where another user may rename and
// replace files at any moment. A folder is entered once, then checked, and all
// files in it are named relative to it: a later rename changes nothing.
//
// Always `cd -P`: a plain `cd` uses the path that the shell remembers.
//
// `wk PATH` enters the folders of PATH as far as they exist, and sets `r` to the
// rest; `go NAME` enters one; `mk` creates and enters those of `r`; `sg` creates
// and enters `$e`, a folder for unfinished files that is closed to other users;
// `cu` empties, leaves and removes it. A function that fails gives the reason on
// stderr or in `R`.
//
// A link is followed when only root and we can change its folder, or when it leads
// to a folder of the one user who can. The entered folder was not a link when its
// parent is the folder that we came from and it still has the requested name.

import { word } from "./shell_names.ts";

/**
 * `lk` sets `I`, `M`, `U` and `G` to identity, mode, owner and group of `.`, and
 * `W` to the identity of `..`.
 */
const LOOK = "if stat -c %f / >/dev/null 2>&1;then " +
  'is(){ stat -c "%d:%i %f %u %g" . ..;};' +
  'else is(){ stat -f "%d:%i %Xp %u %g" . ..;};fi;' +
  'lk(){ z=$(is 2>/dev/null)||return 1;IFS=" $nl";set -- $z;IFS=;' +
  "I=$1;M=$2;U=$3;G=$4;W=$5;};";

/** `cl` succeeds when only its owner and root can change `.`. */
const CLOSED = "cl(){ [ $((0x$M&2)) = 0 ]&&{ [ $((0x$M&16)) = 0 ]||" +
  "{ { [ $G = $U ]||[ $G = 0 ];}&&! al .;};};};";

/** Prints `ours` where the owner is root or us: `isOurs()` in host_survey.ts. */
export const SAY_OURS =
  'case $U in 0|"$me")cl;;*)false;;esac&&echo ours||echo -;';

const GO = 'go(){ V=;cl&&V=$U;A=$I;cd -P "./$1" 2>/dev/null&&lk||' +
  '{ R="Permission denied";[ -d "./$1" ]||R="Not a directory";return 1;};' +
  '[ "$W" = "$A" ]&&[ "${PWD##*/}" = "$1" ]&&return;' +
  'case $V in 0|"$me"|"$U")return 0;;esac;' +
  'R="link of another user: $1";return 1;};';

const WALK = 'nx(){ r=${r#"${r%%[!/]*}"};x=${r%%/*};[ -n "$r" ];};' +
  "wk(){ r=$1;R=;case $r in /*)cd -P /;;esac;lk||" +
  '{ R="Permission denied";return 1;};' +
  'while nx;do [ "$x" = . ]||{ [ -d "./$x" ]||break;go "$x"||return 1;};' +
  'r=${r#"$x"};done;r=${r%%"${r##*[!/]}"};};' +
  'mk(){ while nx;do mkdir "./$x"||[ -d "./$x" ]||return 1;go "$x"||return 1;' +
  'r=${r#"$x"};done;};';

const STAGE = 'sg(){ A=$I;(umask 077;mkdir -m 700 "./$e")||{ e=;return 1;};' +
  'cd -P "./$e"&&lk&&[ "$W" = "$A" ]&&[ "$U" = "$me" ]&&' +
  '[ $((0x$M&63)) = 0 ]&&[ ! -e "./$o" ]&&[ ! -L "./$o" ]&&{ E=1;return;};' +
  'e=;R="another user replaced a folder";return 1;};' +
  'cu(){ [ -z "$E" ]||{ chmod -R u+rwX .;' +
  'rm -rf "./$o" ./new ./whole ./copied;cd -P ..;E=;};[ -z "$e" ]||rmdir "./$e"||rmdir "../$e";} 2>/dev/null;';

/** Defines these functions. */
export const WALKING = 'nl=$(printf "\\nx");nl=${nl%x};me=$(id -u);' +
  LOOK + CLOSED + GO + WALK + STAGE;

/**
 * `fl PATH` enters the folder of the target of PATH, and sets `b` to its name
 * there. `vf` succeeds when stdin is the file `$f`, not a link that was put there
 * later, and belongs to a user who may lead us to it.
 */
export const FOLLOWING =
  'fl(){ Q=;j=0;case $1 in */*)b=${1##*/};d=${1%/*};wk "${d:-/}"||return;;' +
  '*)b=$1;r=;esac;while [ -z "$r" ]&&[ -L "./$b" ];do j=$((j+1));' +
  '[ $j -lt 40 ]||{ r=$b;return;};V=;cl&&V=$U;case $V in "")V=-;;0|"$me")V=;;esac;' +
  '[ "$V" != - ]||{ R="link of another user: $b";return 1;};Q=${Q:-$V};' +
  't=$(readlink "./$b"&&echo x)||return;t=${t%??};' +
  'case $t in */*)b=${t##*/};d=${t%/*};wk "${d:-/}"||return;;*)b=$t;;esac;' +
  "done;};" +
  "if stat -c %f / >/dev/null 2>&1;then " +
  'si(){ stat $L -c "%d:%i:%u" -- "$1";};' +
  'else si(){ stat $L -f "%d:%i:%u" -- "$1";};fi;' +
  'vf(){ L=-L;t=$(si /dev/stdin);L=;[ -n "$t" ]&&[ "$t" = "$(si "$f")" ]&&' +
  '{ [ -z "$Q" ]||[ "${t##*:}" = "$Q" ];};};';

/**
 * Defines `gx NAME`, which enters a folder that is not a link, wherever a link
 * might lead; for commands that remove.
 */
export const STRICT =
  'gx(){ A=$I;cd -P "./$1" 2>/dev/null&&lk&&[ "$W" = "$A" ]&&' +
  '[ "${PWD##*/}" = "$1" ]&&return;echo "$1: it was replaced" >&2;return 1;};';

/** Enters folders below `.`, one in the other, through no link. */
export function goStrictlyTo(names: readonly string[]): string {
  return ["lk", ...names.map((name) => `gx ${word(name)}`)].join("&&");
}

/** Enters folders below `.`, one in the other; prints the reason of a failure. */
export function goTo(names: readonly string[]): string {
  const steps = names.map((name) => `go ${word(name)}`);
  return `{ ${[...steps, ":"].join("&&")}||{ echo "$R";false;};}`;
}

/**
 * Creates and enters, below `.`, the folders of `$r` and then one for unfinished
 * files. `made` is the name, as a word of sh, of what will be created in it.
 */
export function stageFor(made: string): string {
  return `e=${newName()};E=;o=${made};` +
    "trap '' PIPE;trap 'cu;exit 1' HUP INT TERM;" +
    '{ mk&&sg;} 2>&1||{ printf %s "$R";cu;exit 1;};';
}

/** Creates and enters a folder for unfinished files in `.`, in a subshell. */
export function stageHere(made: string): string {
  return `e=${newName()};E=;o=${made};sg`;
}

/** A name that no other user can guess. */
function newName(): string {
  return `.ftl-${crypto.randomUUID().replaceAll("-", "")}`;
}

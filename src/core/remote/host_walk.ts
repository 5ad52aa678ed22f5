// Words of sh that enter folders of a host where another user may rename and
// replace names at any moment. A folder is entered once, checked after that, and
// everything in it is named relative to it: no later rename leads elsewhere.
//
// Always `cd -P`: a plain `cd` goes by the path that the shell remembers.
//
// `wk PATH` enters the folders of PATH as far as they exist and sets `r` to the
// rest; `go NAME` enters one; `mk` makes and enters those of `r`; `sg` makes and
// enters `$e`, a folder for unfinished files that is closed to everyone else;
// `cu` empties, leaves and removes it. One that fails says why on stderr or in
// `R`.
//
// A link is followed where its folder can be changed by nobody but root and us,
// or where it leads to a folder of the one user who can. What was entered is a
// folder and no link when its parent is the one that we came from and it still
// has the name that we asked for.

import { word } from "./shell_names.ts";

/** Sets `I` `M` `U` `G` to identity, mode, owner and group of `.`, `W` to `..`. */
const LOOK = "if stat -c %f / >/dev/null 2>&1;then " +
  'is(){ stat -c "%d:%i %f %u %g" . ..;};' +
  'else is(){ stat -f "%d:%i %Xp %u %g" . ..;};fi;' +
  'lk(){ z=$(is 2>/dev/null)||return 1;IFS=" $nl";set -- $z;IFS=;' +
  "I=$1;M=$2;U=$3;G=$4;W=$5;};";

/** Whether `.` can be changed by nobody but its owner and root. */
const CLOSED = "cl(){ [ $((0x$M&2)) = 0 ]&&{ [ $((0x$M&16)) = 0 ]||" +
  "{ { [ $G = $U ]||[ $G = 0 ];}&&! al .;};};};";

/** Prints `ours` where that is root or us: isOurs() of host_survey.ts. */
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

/** Defines the words. */
export const WALKING = 'nl=$(printf "\\nx");nl=${nl%x};me=$(id -u);' +
  LOOK + CLOSED + GO + WALK + STAGE;

/**
 * `fl PATH` enters the folder of what PATH leads to and sets `b` to its name
 * there. `vf` says whether stdin is the file `$f`, and no link that was put there
 * meanwhile, and belongs to who may lead us to it.
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

/** Enters folders below `.`, one in the other; says why it cannot on stdout. */
export function goTo(names: readonly string[]): string {
  const steps = names.map((name) => `go ${word(name)}`);
  return `{ ${[...steps, ":"].join("&&")}||{ echo "$R";false;};}`;
}

/**
 * Makes and enters, below `.`, the folders of `$r` and then one for unfinished
 * files. `made` is a word for what is going to be made in it, next to `new`.
 */
export function stageFor(made: string): string {
  return `e=${newName()};E=;o=${made};` +
    "trap '' PIPE;trap 'cu;exit 1' HUP INT TERM;" +
    '{ mk&&sg;} 2>&1||{ printf %s "$R";cu;exit 1;};';
}

/** Makes and enters a folder for unfinished files in `.`, in a subshell. */
export function stageHere(made: string): string {
  return `e=${newName()};E=;o=${made};sg`;
}

/** A name that nobody can know before it is used. */
function newName(): string {
  return `.ftl-${crypto.randomUUID().replaceAll("-", "")}`;
}

// The rule for folders in which ftl keeps or runs files on a host, for sh: the
// folder belongs to the effective user, nobody else can write to it or put
// another in its place, and no link leads to it. It is entered before it is
// checked, and used from inside. src/gate/runtime/ftl_gate/folder.py is the same
// rule for Python; tests/core/shell/own_folder_test.ts holds both together.

/**
 * The folders that hold the folder of ours, best first, as a shell writes them;
 * `candidates()` in folder.py has the same list.
 */
export const GATE_PARENTS: readonly string[] = [
  "$HOME",
  "$XDG_CACHE_HOME",
  "/var/tmp",
  "/tmp",
];

/** The name of our folder in one of these. */
function nameIn(parent: string): string {
  if (parent === "$HOME") return ".ftl";
  return parent.startsWith("$") ? "ftl" : "ftl-$u";
}

const ONLY_OURS = "$u:d????-??-*";
const ONLY_ROOTS = "0:d????-??-*";
/** One like /tmp: others can add to it, and touch nothing of ours. */
const SHARED = "0:d????????[tT]*";

/**
 * Defines two words, for a shell with `set -f` and an empty `IFS`:
 *
 * - `safe PARENT` enters a folder. True: nobody but root can replace what we
 *   make in it, now or later.
 * - `own PARENT NAME` enters a folder in such a one, which it makes if need be.
 *   True: nobody but root can enter it.
 *
 * Both set `r` to the parent's real path, and grumble on stderr.
 */
export const FOLDER_RULE = "u=$(id -u);" +
  'of(){ IFS=" ";set -- $(ls -ldn "$1");IFS=;o=$3:$1;};' +
  'safe(){ case $1 in /*);;*)return 1;;esac;cd -P "$1"&&r=$(pwd -P)&&of .&&' +
  `case $o in ${ONLY_OURS}|${SHARED});;*)false;;esac||return 1;a=$r;` +
  'while [ "$a" ];do a=${a%/*};of "${a:-/}";' +
  `case $o in ${ONLY_OURS}|${ONLY_ROOTS}|${SHARED});;*)return 1;;esac;done;};` +
  'own(){ safe "$1"&&{ mkdir -m 700 "./$2"||:;}&&cd -P "./$2"&&' +
  '[ "$(pwd -P)" = "${r%/}/$2" ]&&of .&&' +
  `case $o in ${ONLY_OURS})case $o in *:d???------*);;*)chmod 700 .;;esac;;` +
  "*)false;;esac;};";

/**
 * Enters the first folder of ours in which `words` succeed; true where there is
 * one. The order is that of `candidates()` in folder.py.
 *
 * @param first words for a folder to try before all others, `PARENT NAME`.
 */
export function inOwnFolder(words: string, first?: string): string {
  const places = [
    ...(first === undefined ? [] : [first]),
    ...GATE_PARENTS.map((parent) => `"${parent}" ${nameIn(parent)}`),
  ];
  return `work(){ ${words};};` +
    places.map((place) => `{ own ${place}&&work;}`).join("||");
}

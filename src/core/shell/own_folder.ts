// The rule for folders in which ftl keeps or runs files on a host, for sh: the
// folder belongs to the effective user, no other user can write to it or replace
// it, and no link leads to it. It is entered before it is checked, and used from
// inside. src/gate/runtime/ftl_gate/folder.py is the same rule in Python;
// tests/core/shell/own_folder_test.ts compares both.

/**
 * The folders that may hold ftl's folder, the best first, as a shell writes them.
 * `candidates()` in folder.py has the same list.
 */
export const GATE_PARENTS: readonly string[] = [
  "$HOME",
  "$XDG_CACHE_HOME",
  "/var/tmp",
  "/tmp",
];

/** The name of ftl's folder in one of these. */
function nameIn(parent: string): string {
  if (parent === "$HOME") return ".ftl";
  return parent.startsWith("$") ? "ftl" : "ftl-$u";
}

const ONLY_OURS = "$u:d????-??-*";
const ONLY_ROOTS = "0:d????-??-*";
/** A folder like /tmp: other users can add files, but not change those of ftl. */
const SHARED = "0:d????????[tT]*";

/**
 * Defines two functions, for a shell with `set -f` and an empty `IFS`:
 *
 * - `safe PARENT` enters a folder. It succeeds when only root can replace what we
 *   create there, now or later.
 * - `own PARENT NAME` enters a folder in a safe one, and creates it when missing.
 *   It succeeds when only root and we can enter it.
 *
 * Both set `r` to the parent's real path, and print errors on stderr.
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
 * Enters ftl's first folder in which `script` succeeds; fails when it succeeds in
 * none. The order is that of `candidates()` in folder.py.
 *
 * @param first a folder to try before all others, as arguments of `own`.
 */
export function inOwnFolder(script: string, first?: string): string {
  const places = [
    ...(first === undefined ? [] : [first]),
    ...GATE_PARENTS.map((parent) => `"${parent}" ${nameIn(parent)}`),
  ];
  return `work(){ ${script};};` +
    places.map((place) => `{ own ${place}&&work;}`).join("||");
}

// The line of sh that moves the members of a pushed folder into their places. It
// runs in a folder that holds them as `new`, that no other user can enter, and
// whose parent is the destination.
import { batches, word } from "../remote/shell_names.ts";
import { goTo, stageHere } from "../remote/host_walk.ts";

/** A step of the line; places are paths below the pushed folder. */
export type Move =
  /** The whole folder is new. */
  | { kind: "root" }
  /**
   * A new member of an existing folder. `isSafe`: no other user can change that
   * folder or a folder above it.
   */
  | { kind: "move"; place: string; parent: string; isSafe: boolean }
  /** An existing folder gets other permissions or owners. */
  | { kind: "adjust"; place: string; mode: number; uid: number; gid: number };

/** The line, which fails when one of its steps fails. */
export function movesText(moves: readonly Move[]): string {
  const steps: string[] = [];
  const byParent = new Map<string, string[]>();
  const safe = new Set<string>();
  for (const move of moves) {
    if (move.kind === "root") steps.push(PLACE_ROOT);
    else if (move.kind === "adjust") {
      const chown = `chown ${move.uid}:${move.gid} . 2>/dev/null`;
      const change = `{ ${chown}||:;}&&chmod ${move.mode.toString(8)} .`;
      steps.push(`(${enter(move.place)}&&${change})`);
    } else {
      const members = byParent.get(move.parent) ?? [];
      byParent.set(move.parent, members);
      members.push(word(`./${move.place.split("/").at(-1)!}`));
      if (move.isSafe) safe.add(move.parent);
    }
  }
  for (const [parent, members] of byParent) {
    const from = word(parent === "" ? "./new" : `./new/${parent}`);
    // From the folder of the members up to the destination.
    const up = "../".repeat(parent === "" ? 2 : parent.split("/").length + 2);
    const to = parent === "" ? up : word(`${up}${parent}/`);
    for (const words of batches(members)) {
      steps.push(
        safe.has(parent)
          ? `(cd -P ${from}&&mv -f ${words} ${to})`
          : copy({ from, words, parent }),
      );
    }
  }
  return steps.join("&&");
}

/** Moves the whole folder; fails when a folder is there by now. */
const PLACE_ROOT = 'rm -f ./whole&&{ [ "$b" = new ]||mv ./new "./$b";}&&' +
  'mv -f "./$b" ../';

/**
 * Copies members into a folder that another user may move in the meantime. A rename
 * would need the path of that folder, because a process has one current folder.
 */
function copy(
  { from, words, parent }: { from: string; words: string; parent: string },
): string {
  const send = `(cd -P ${from}&&tar -c -f - -- ${words}&&echo whole >&6)`;
  const take = "tar -x -p -f -&&{ cat >/dev/null;read -r x <&7;}&&" +
    `{ sync -f . 2>/dev/null||sync;}&&mv -f ${words} ../`;
  // This subshell must not remove the unfinished files of the outer shell.
  return `{ ${send}|(e=;E=;trap 'cu;exit 1' HUP INT TERM;` +
    `${enter(parent)}&&{ ${stageHere("new")};}&&{ ${take};};s=$?;cu;` +
    "exit $s);} 6>./copied 7<./copied";
}

/** Enters a folder below the parent of `.`. */
function enter(place: string): string {
  const names = place === "." || place === "" ? [] : place.split("/");
  return `{ cd -P ..&&lk&&${goTo(names)};}`;
}

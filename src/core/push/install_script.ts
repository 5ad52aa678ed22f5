// The script that puts the members of a pushed folder into their places. It is
// run with the folder that holds them, and the one that they are for.
import { assignable } from "../remote/host_script.ts";

/** A step of it; places are paths below the pushed folder. */
export type Move =
  /** The whole folder is new. */
  | { kind: "root" }
  /** A new member of a folder that is there. */
  | { kind: "move"; place: string; parent: string }
  /** A folder that is there gets other permissions or owners. */
  | { kind: "adjust"; place: string; mode: number; uid: number; gid: number };

/** How much one command line holds, far below what any system takes. */
const MAX_LINE = 64 * 1024;

/** The text of the script. */
export function movesText(moves: readonly Move[]): string {
  const lines = ['set -e;cd -- "$1";'];
  const byParent = new Map<string, string[]>();
  for (const move of moves) {
    if (move.kind === "root") lines.push('mv -f ./new "$2"');
    else if (move.kind === "adjust") {
      const path = `"$2"/${assignable(move.place)}`;
      lines.push(`chown ${move.uid}:${move.gid} ${path} 2>/dev/null||:`);
      lines.push(`chmod ${move.mode.toString(8)} ${path}`);
    } else {
      const members = byParent.get(move.parent) ?? [];
      byParent.set(move.parent, members);
      members.push(assignable(`./new/${move.place}`));
    }
  }
  for (const [parent, members] of byParent) {
    const to = parent === "" ? '"$2"/' : `"$2"/${assignable(parent)}/`;
    for (const words of batches(members)) lines.push(`mv -f ${words} ${to}`);
  }
  return lines.join("\n") + "\n";
}

function* batches(words: readonly string[]): Generator<string> {
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + word.length > MAX_LINE) {
      yield line;
      line = "";
    }
    line += (line === "" ? "" : " ") + word;
  }
  if (line !== "") yield line;
}

// Pushes one file to one host: compares size and checksum, writes the file in a new
// folder that is closed to other users, syncs it, and renames it into its place.
import { CallError } from "../../errors.ts";
import { hostFailure } from "../remote/host_error.ts";
import type { HostShell } from "../remote/host_shell.ts";
import { stageFor } from "../remote/host_walk.ts";
import type { TransferProgress } from "../remote/transfer_progress.ts";
import { diffOf } from "./push_diff.ts";
import type { Pushed, Pushing } from "./push_types.ts";
import {
  differs,
  findPlace,
  type HostPlace,
  inTheWay,
  wantedOf,
} from "./push_place.ts";

/** Pushes a file to one host. */
export async function pushFile(
  shell: HostShell,
  pushing: Pushing,
  progress: TransferProgress,
): Promise<Pushed> {
  const { top } = pushing.source;
  const place = await findPlace(shell, pushing);
  const { path, entry: there, hasFolder, makesFolders } = place;
  if (["folder", "folder link", "other"].includes(there.kind)) {
    throw inTheWay(path, there);
  }
  if (!hasFolder && !makesFolders) {
    throw new CallError(
      `Cannot write ${path}: its folder does not exist`,
      { hint: "Create it with `parents`" },
    );
  }
  const hasContent = there.kind === "file" && place.sum !== undefined &&
    place.sum === await pushing.sums.of(top);
  const isUnlike = differs(top, { there, place, pushing });
  // When another user can replace the file, only a new one gets another owner.
  const isSame = hasContent && (place.isOurs || !isUnlike);
  const wanted = wantedOf(top, { there, place, pushing });
  const adjust = adjustments(wanted, { place, pushing });
  if (isSame) {
    if (isUnlike && !pushing.check) {
      await check(
        shell.ask(`m=$({ ${adjust}:;} 2>&1)||{ printf %s "$m";false;}`),
        `set the attributes of ${path}`,
      );
    }
    return { changed: isUnlike, dest: path, files: 0, bytes: 0 };
  }
  const parts = [path.split("/").at(-1)!];
  const diff = pushing.diff
    ? await diffOf(shell, [{ entry: top, there, path, parts }], pushing)
    : {};
  const sent = { changed: true, dest: path, files: 1, bytes: top.size };
  if (pushing.check) return { ...sent, would_write: [path], ...diff };
  progress.expect(top.size);
  // The last operand ends with a slash, so a link at the file's place is replaced.
  const script = `q=./$b;${stageFor("$b")}` +
    'm=$({ (umask 077;cat >"$q")&&' +
    `{ [ $(wc -c <"$q") -eq ${top.size} ]||{ echo incomplete;false;};}&&` +
    adjust +
    '{ dd if=/dev/null of="$q" conv=notrunc,fsync 2>/dev/null||sync;}&&' +
    'mv -f "$q" ../;} 2>&1)||{ cu;printf %s "$m";exit 1;};cu';
  await check(
    shell.give(script, progress.over(pushing.source.read(top))),
    `write ${path}`,
  );
  return { ...sent, ...diff };
}

/** Commands that set the attributes of `./$b`, each followed by `&&`. */
function adjustments(
  wanted: ReturnType<typeof wantedOf>,
  { place, pushing }: { place: HostPlace; pushing: Pushing },
): string {
  const { self, owner } = place;
  const { uid, gid } = wanted;
  const isOther = uid !== self.uid || gid !== self.gid || owner !== undefined;
  const chown = `chown -h ${uid}:${gid} "./$b"`;
  return (isOther ? owner ? `${chown}&&` : `{ ${chown}||:;}&&` : "") +
    `chmod ${wanted.mode.toString(8)} "./$b"&&` +
    (pushing.args.preserve
      ? `TZ=UTC0 touch -t ${touchTime(wanted.mtime)} "./$b"&&`
      : "");
}

/** A time for `touch -t` of POSIX, in UTC. */
function touchTime(seconds: number): string {
  const digits = new Date(seconds * 1000).toISOString().replace(/\D/g, "");
  return `${digits.slice(0, 12)}.${digits.slice(12, 14)}`;
}

/** Waits for an answer that prints only errors. */
async function check(
  answer: ReturnType<HostShell["ask"]>,
  what: string,
): Promise<void> {
  const { status, text } = await answer;
  if (status !== 0) throw hostFailure(what, text);
}

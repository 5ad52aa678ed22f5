// Pushes a folder to one host. Compares the files with those on the host, and sends
// those that differ as one tar archive into a new folder on the same file system,
// closed to other users. From there they are renamed into their places, after the
// last member has arrived: without it nothing is changed.
import { CallError } from "../../errors.ts";
import { hostFailure } from "../remote/host_error.ts";
import {
  BATCH,
  encodeNames,
  SUM_BYTES,
  SUM_NAMES,
  sumsOf,
  SURVEY,
  withNames,
} from "../remote/host_script.ts";
import type { HostShell } from "../remote/host_shell.ts";
import { stageFor } from "../remote/host_walk.ts";
import {
  AnswerReader,
  type HostEntry,
  isOurs,
  NOTHING,
  readSums,
} from "../remote/host_survey.ts";
import { type Move, movesText } from "./install_script.ts";
import type { TransferProgress } from "../remote/transfer_progress.ts";
import { rechunk } from "../remote/rechunk.ts";
import { listPaths } from "../remote/listed_paths.ts";
import { diffOf } from "./push_diff.ts";
import type { Pushed, Pushing } from "./push_types.ts";
import {
  differs,
  findPlace,
  type HostPlace,
  inTheWay,
  wantedOf,
} from "./push_place.ts";
import type { SourceEntry } from "./push_source.ts";
import { tarEnd, tarHeader, tarPadding } from "../tar/tar_writer.ts";

/** How much of the archive is written to the connection at a time. */
const PIECE = 128 * 1024;

/** Pushes a folder to one host. */
export async function pushFolder(
  shell: HostShell,
  pushing: Pushing,
  progress: TransferProgress,
): Promise<Pushed> {
  const place = await findPlace(shell, pushing);
  const isThere = place.entry.kind === "folder" ||
    place.entry.kind === "folder link";
  if (!isThere && place.entry.kind !== "nothing") {
    throw inTheWay(place.path, place.entry);
  }
  const { top, entries } = pushing.source;
  const there = isThere
    ? await survey(shell, entries)
    : entries.map(() => NOTHING);
  const same = await findSame(shell, { entries, there, pushing });
  const plan = planFolder({ place, there, same, pushing, isThere });
  if (plan.send.length === 0 && plan.moves.length === 0) {
    return { changed: false, dest: place.path, files: 0, bytes: 0 };
  }
  const files = plan.send.filter(({ entry }) => entry.kind !== "folder");
  const bytes = files.reduce((sum, { entry }) => sum + entry.size, 0);
  const sent = { changed: true, dest: place.path, files: files.length, bytes };
  const names = files.map(({ entry }) => entry.place);
  const shown = pushing.diff
    ? await diffOfFolder(shell, files, { place, pushing })
    : {};
  if (pushing.check) {
    return { ...sent, ...listPaths("would_write", names), ...shown };
  }
  progress.expect(bytes);
  const isRoot = place.self.uid === 0;
  const tar = `tar -x -p${isRoot ? "" : " -o"}` +
    `${pushing.args.preserve ? "" : " -m"} -f -`;
  // The last step renames the folder itself.
  const script = (isThere ? "" : 'r=${r%"$b"};') +
    stageFor(isThere ? "new" : "$b") +
    `m=$({ ${tar}&&[ -f ./whole ]&&{ sync -f . 2>/dev/null||sync;}&&` +
    `${movesText(plan.moves)};} 2>&1)||{ cu;printf %s "$m";exit 1;};` +
    "cu";
  const archive = archiveOf(plan, { place, top, pushing, progress, isThere });
  const answer = await shell.give(script, rechunk(archive, PIECE));
  if (answer.status !== 0) {
    throw hostFailure(`write to ${place.path}`, answer.text);
  }
  const listed = pushing.namesFiles ? listPaths("sent", names) : {};
  return { ...sent, ...listed, ...shown };
}

function diffOfFolder(
  shell: HostShell,
  files: readonly Sent[],
  { place, pushing }: { place: HostPlace; pushing: Pushing },
): ReturnType<typeof diffOf> {
  const differing = files.map(({ entry, there }) => ({
    entry,
    there,
    path: `${place.path}/${entry.place}`,
    parts: entry.place.split("/"),
  }));
  return diffOf(shell, differing, pushing);
}

/** The entries as the host has them, below `.`. */
async function survey(
  shell: HostShell,
  entries: readonly SourceEntry[],
): Promise<HostEntry[]> {
  if (entries.length === 0) return [];
  const names = encodeNames(entries.map(({ place }) => `./${place}`));
  const answer = await shell.ask(withNames(entries.length, SURVEY), {
    input: names,
  });
  const reader = new AnswerReader(answer.bytes);
  const there: HostEntry[] = [];
  while (!reader.isAtEnd) {
    there.push(...reader.survey(BATCH));
    if (there.length > entries.length) break;
  }
  if (there.length !== entries.length) {
    throw new CallError(
      "Cannot compare the folder: the host's listing is incomplete",
    );
  }
  return there;
}

/** The places of files and links that have the same content on the host. */
async function findSame(
  shell: HostShell,
  { entries, there, pushing }: {
    entries: readonly SourceEntry[];
    there: readonly HostEntry[];
    pushing: Pushing;
  },
): Promise<Set<string>> {
  const same = new Set<string>();
  let batch: SourceEntry[] = [];
  let bytes = 0;
  const ask = async () => {
    const answer = await shell.ask(
      sumsOf(batch.length),
      { input: encodeNames(batch.map(({ place }) => `./${place}`)) },
    );
    const sums = readSums(answer.text);
    // When the host could not read one, the checksums cannot be assigned to files.
    if (sums.length === batch.length) {
      for (const [i, entry] of batch.entries()) {
        if (sums[i] === await pushing.sums.of(entry)) same.add(entry.place);
      }
    }
    [batch, bytes] = [[], 0];
  };
  for (const [i, entry] of entries.entries()) {
    const { kind, size, target } = there[i]!;
    if (entry.kind === "link") {
      const isLink = kind === "link" || kind === "folder link";
      if (isLink && target === entry.target) same.add(entry.place);
    } else if (
      entry.kind === "file" && kind === "file" && size === entry.size
    ) {
      batch.push(entry);
      bytes += size;
      if (bytes >= SUM_BYTES || batch.length >= SUM_NAMES) await ask();
    }
  }
  if (batch.length > 0) await ask();
  return same;
}

interface Sent {
  readonly entry: SourceEntry;
  readonly there: HostEntry;
}

interface FolderPlan {
  /** The members of the archive, folders before their content. */
  readonly send: readonly Sent[];
  /** The steps after its arrival. */
  readonly moves: readonly Move[];
}

function planFolder(
  { place, there, same, pushing, isThere }: {
    place: HostPlace;
    there: readonly HostEntry[];
    same: ReadonlySet<string>;
    pushing: Pushing;
    isThere: boolean;
  },
): FolderPlan {
  const { top, entries } = pushing.source;
  const send: Sent[] = [];
  const moves: Move[] = [];
  if (!isThere) moves.push({ kind: "root" });
  else {
    const target = { there: place.entry, place, pushing };
    // A folder that only receives content keeps its attributes.
    if (pushing.source.name !== "" && differs(top, target)) {
      moves.push({ kind: "adjust", place: ".", ...wantedOf(top, target) });
    }
  }
  const isNew = new Set<string>();
  /** Folders that other users cannot change, like all folders above them. */
  const ours = new Set(isThere && place.isOurs ? [""] : []);
  for (const [i, entry] of entries.entries()) {
    const host = there[i]!;
    const target = { there: host, place, pushing };
    const parent = entry.place.slice(
      0,
      Math.max(0, entry.place.lastIndexOf("/")),
    );
    const isInNew = !isThere || isNew.has(parent);
    const isFolder = host.kind === "folder" || host.kind === "folder link";
    if (entry.kind === "folder") {
      if (host.kind !== "nothing" && !isFolder) {
        throw inTheWay(`${place.path}/${entry.place}`, host);
      }
      if (isFolder) {
        const isSafe = host.kind === "folder" && ours.has(parent) &&
          isOurs(host, place.self.uid);
        if (isSafe) ours.add(entry.place);
        if (differs(entry, target)) {
          const wanted = wantedOf(entry, target);
          moves.push({ kind: "adjust", place: entry.place, ...wanted });
        }
        continue;
      }
      isNew.add(entry.place);
    } else {
      if (host.kind === "folder" || host.kind === "other") {
        throw inTheWay(`${place.path}/${entry.place}`, host);
      }
      if (same.has(entry.place) && !differs(entry, target)) continue;
    }
    send.push({ entry, there: host });
    if (isInNew) continue;
    const isSafe = parent === "" || ours.has(parent);
    moves.push({ kind: "move", place: entry.place, parent, isSafe });
  }
  return { send, moves };
}

/** The archive: the tree under `new`, then the empty file `whole`. */
async function* archiveOf(
  { send }: FolderPlan,
  { place, top, pushing, progress, isThere }: {
    place: HostPlace;
    top: SourceEntry;
    pushing: Pushing;
    progress: TransferProgress;
    isThere: boolean;
  },
): AsyncGenerator<Uint8Array, void> {
  const own = { ...place.self, mtime: 0, size: 0, target: "" };
  const passing = { ...own, kind: "folder", mode: 0o700 } as const;
  const target = { there: NOTHING, place, pushing };
  yield isThere
    ? tarHeader({ ...passing, name: "new" })
    : tarHeader({ ...passing, ...wantedOf(top, target), name: "new" });
  const made = new Set([""]);
  for (const { entry, there } of send) {
    // The folders above it exist on the host already.
    const parts = entry.place.split("/").slice(0, -1);
    for (let i = 1; i <= parts.length; i++) {
      const way = parts.slice(0, i).join("/");
      if (made.has(way)) continue;
      made.add(way);
      yield tarHeader({ ...passing, name: `new/${way}` });
    }
    made.add(entry.place);
    const wanted = wantedOf(entry, { there, place, pushing });
    yield tarHeader({ ...entry, ...wanted, name: `new/${entry.place}` });
    if (entry.kind !== "file") continue;
    yield* progress.over(pushing.contents.of(entry));
    if (entry.size > 0) yield tarPadding(entry.size);
  }
  yield tarHeader({ ...own, kind: "file", name: "whole", mode: 0o600 });
  yield tarEnd();
}

// `delete`: removes what the pushed folder has on a host and the source lacks, after
// the push. Nothing outside the folder is removed, whatever another user does
// meanwhile: folders are entered one by one, never through a link, names are
// relative to the entered folder, and only `rm` of names and `rmdir` are used, which
// follow no links. Other file systems below the folder are left alone.
import { othersTurn } from "../../async/timer.ts";
import { CallError } from "../../errors.ts";
import { LISTING } from "../remote/host_script.ts";
import type { HostShell } from "../remote/host_shell.ts";
import { AnswerReader } from "../remote/host_survey.ts";
import { goStrictlyTo, STRICT } from "../remote/host_walk.ts";
import { partsOf } from "../remote/listed_path.ts";
import { listPaths } from "../remote/listed_paths.ts";
import { batches, word } from "../remote/shell_names.ts";
import { singleQuoted } from "../shell/shell_script.ts";
import { findPlace } from "./push_place.ts";
import type { Pushing } from "./push_types.ts";

/** The most names, and bytes of names, in a listing. */
const MAX_NAMES = 200_000;
const MAX_LISTING = 32 * 1024 * 1024;
/** How much of a script is sent at a time. */
const MAX_SCRIPT = 64 * 1024;

/** What was removed, or in check mode what would be. */
export interface Deleted {
  readonly changed: boolean;
  readonly result: {
    /** Paths below the folder; see `listPaths()`. */
    deleted?: string[];
    deleted_count?: number;
    warnings?: string[];
    failed?: boolean;
    msg?: string;
  };
}

const NOTHING_DELETED: Deleted = { changed: false, result: {} };

interface Member {
  readonly place: string;
  readonly parts: readonly string[];
  readonly isFolder: boolean;
}

/**
 * Enters the pushed folder, before the push. Returns what removes its extra members
 * after the push.
 *
 * @throws {CallError} when the folder is or holds the login folder.
 */
export async function prepareDelete(
  shell: HostShell,
  pushing: Pushing,
): Promise<() => Promise<Deleted>> {
  await shell.ask('l=$(pwd -P);h=$(cd -P "$HOME" 2>/dev/null&&pwd -P)');
  const { entry, path } = await findPlace(shell, pushing);
  const isThere = entry.kind === "folder" || entry.kind === "folder link";
  // A folder that the push creates has nothing else.
  if (!isThere) return () => Promise.resolve(NOTHING_DELETED);
  const { text } = await shell.ask(
    'q=$(pwd -P);q=${q%/};case "$l/" in "$q/"*) echo holds;;esac;' +
      'case "$h/" in "$q/"*) echo holds;;esac',
  );
  if (text.trim() !== "") throw holdsLogin(path);
  return () => deleteExtra(shell, path, pushing);
}

/** A slip in DEST must not empty an account or a whole host. */
function holdsLogin(path: string): CallError {
  return new CallError(
    `Cannot delete in ${path}: it is or holds the login folder`,
    { hint: "Push to a folder below it" },
  );
}

async function deleteExtra(
  shell: HostShell,
  path: string,
  pushing: Pushing,
): Promise<Deleted> {
  const extras = await findExtras(shell, pushing);
  if (extras.length === 0) return NOTHING_DELETED;
  if (pushing.check) return { changed: true, result: listOf(extras) };
  const problem = await remove(shell, extras);
  if (problem === undefined) return { changed: true, result: listOf(extras) };
  const left = await findExtras(shell, pushing);
  const stays = new Set(left.map(({ place }) => place));
  const gone = extras.filter(({ place }) => !stays.has(place));
  const first = left.find(({ isFolder }) => !isFolder) ?? left.at(-1);
  const what = first === undefined ? "everything" : first.place;
  const msg = `Cannot remove ${what} from ${path}: ${problem}`;
  return {
    changed: gone.length > 0,
    result: { ...listOf(gone), failed: true, msg },
  };
}

function listOf(members: readonly Member[]): Deleted["result"] {
  const names = members.map(({ place, isFolder }) =>
    isFolder ? `${place}/` : place
  );
  return listPaths("deleted", names);
}

/** What the host has and the source lacks, folders before their content. */
async function findExtras(
  shell: HostShell,
  { source, args }: Pushing,
): Promise<Member[]> {
  const answer = await shell.ask(
    `find . -xdev -exec /bin/sh -c ${
      singleQuoted(LISTING)
    } sh {} + 2>/dev/null`,
    { limit: { bytes: MAX_LISTING, error: () => tooMany(args.dest) } },
  );
  const reader = new AnswerReader(answer.bytes);
  const listed: Member[] = [];
  let count = 0;
  while (!reader.isAtEnd) {
    await othersTurn();
    const names: (string | undefined)[] = [];
    for (let name = reader.word(); name !== ""; name = reader.word()) {
      names.push(name);
      if (++count > MAX_NAMES) throw tooMany(args.dest);
    }
    const found = reader.survey(names.length);
    if (found.length !== names.length) {
      throw new CallError(
        "Cannot accept the host's listing: it contradicts itself",
      );
    }
    for (const [i, name] of names.entries()) {
      if (name === undefined) continue; // not UTF-8: it stays, and its folder
      const parts = partsOf(name);
      const { kind } = found[i]!;
      if (parts.length === 0 || kind === "nothing") continue;
      if (isUnfinished(parts)) continue;
      const place = parts.join("/");
      listed.push({ place, parts, isFolder: kind === "folder" });
    }
  }
  return withoutKept(listed, new Set(source.entries.map(({ place }) => place)));
}

/** Whether a path is in a folder of another push that is not finished. */
function isUnfinished(parts: readonly string[]): boolean {
  return parts.some((part) => /^\.ftl-[0-9a-f]{32}$/.test(part));
}

/**
 * Leaves out what was pushed, also where the file system lists it in another case
 * or composition of characters, as on macOS.
 */
function withoutKept(
  listed: readonly Member[],
  kept: ReadonlySet<string>,
): Member[] {
  const fold = (place: string) => place.normalize("NFC").toLowerCase();
  const there = new Set(listed.map(({ place }) => place));
  const unlisted = [...kept].filter((place) => !there.has(place)).map(fold);
  const hidden = new Set(unlisted);
  return listed.filter(({ place }) =>
    !kept.has(place) && !hidden.has(fold(place))
  );
}

/** Removes members, the deepest first; returns the first problem. */
async function remove(
  shell: HostShell,
  extras: readonly Member[],
): Promise<string | undefined> {
  const byFolder = Map.groupBy(
    extras,
    ({ parts }) => parts.slice(0, -1).join("/"),
  );
  const folders = [...byFolder].sort(([a], [b]) => depthOf(b) - depthOf(a));
  let script = "";
  let problem: string | undefined;
  const send = async () => {
    if (script === "") return;
    const { text } = await shell.ask(`{ ${STRICT}${script}} 2>&1`);
    problem ??= text.split("\n").find((line) => line.trim() !== "");
    script = "";
  };
  for (const [, members] of folders) {
    await othersTurn();
    for (const step of stepsFor(members)) {
      if (script.length + step.length > MAX_SCRIPT) await send();
      script += step;
    }
  }
  await send();
  return problem;
}

/** Commands for the members of one folder; each enters it for itself. */
function* stepsFor(members: readonly Member[]): Generator<string> {
  const enter = goStrictlyTo(members[0]!.parts.slice(0, -1));
  for (
    const [command, isFolder] of [["rm -f", false], ["rmdir", true]] as const
  ) {
    const names = members.filter((member) => member.isFolder === isFolder)
      .map(({ parts }) => word(`./${parts.at(-1)}`));
    for (const words of batches(names)) {
      yield `(${enter}&&${command} ${words});`;
    }
  }
}

function depthOf(place: string): number {
  return place === "" ? 0 : place.split("/").length;
}

function tooMany(dest: string): CallError {
  return new CallError(
    `Cannot delete in ${dest}: it has more than the ${MAX_NAMES} names or ` +
      `${MAX_LISTING} bytes of names that one host may list`,
  );
}

// Where something goes on a host, and what is there: the first question of a
// push, for a file as for a folder.
import { CallError } from "../../errors.ts";
import { assign } from "../shell/shell_script.ts";
import { hostFailure } from "../remote/host_error.ts";
import { KIND, setPlace, SUM } from "../remote/host_script.ts";
import type { HostShell } from "../remote/host_shell.ts";
import {
  AnswerReader,
  type HostEntry,
  NOTHING,
  readStat,
  readSums,
} from "../remote/host_survey.ts";
import { SAY_OURS, WALKING } from "../remote/host_walk.ts";
import type { Pushing } from "./push_types.ts";
import type { SourceEntry } from "./push_source.ts";

/** An owner and a group, as numbers of the host. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A place on a host. */
export interface HostPlace {
  readonly path: string;
  /** What is there. */
  readonly entry: HostEntry;
  /** Its SHA-256, when it was asked for and is known. */
  readonly sum: string | undefined;
  /** The folder that it lies in exists. */
  readonly hasFolder: boolean;
  /** Nobody but root and us can change the folder that was entered. */
  readonly isOurs: boolean;
  /** Missing folders are to be made. */
  readonly makesFolders: boolean;
  readonly umask: number;
  /** Who we are there. */
  readonly self: Owner;
  /** What `--owner` and `--group` mean there; undefined: neither was given. */
  readonly owner: Partial<Owner> | undefined;
}

/**
 * Asks for the place of what is pushed, and enters the folder that a file lies
 * in, or that is pushed itself; `r` is the path of what of it does not exist yet.
 * Sets `b` to the last name of the place.
 *
 * @throws {CallError} when the host knows no such owner or group, or the folder
 *   cannot be entered.
 */
export async function findPlace(
  shell: HostShell,
  { args, source }: Pushing,
): Promise<HostPlace> {
  const { owner, group, dest } = args;
  const who = `${owner ?? ""}${group === undefined ? "" : `:${group}`}`;
  const probe = who === "" ? "echo;" : `${assign("o", who)};q=$(mktemp)&&` +
    '{ m=$(chown -h -- "$o" "$q" 2>&1)&&st "$q"||echo "no $m";rm -f "$q";};';
  const isFile = source.top.kind === "file";
  const answer = await shell.ask(
    setPlace(dest, { name: source.name, isInside: !isFile }) + WALKING +
      (isFile
        ? 'b=${p##*/};d=${p%/*};wk "${d:-/}";f=./${r:+$r/}$b;'
        : 'b=${p##*/};wk "$p";f=./$r;') +
      `printf "%s\\n" "$R";${KIND};echo;` +
      '[ -z "$r" ]&&echo "d$w"||echo "-$w";' +
      `${SAY_OURS}umask;id -u;id -g;` +
      `${probe}printf "%s\\0" "$p";` +
      '{ [ -e "$f" ]||[ -L "$f" ];}&&{ st "$f"||echo;};' +
      (isFile
        ? '[ -L "$f" ]||[ ! -f "$f" ]||' +
          `[ $(wc -c <"$f") -ne ${source.top.size} ]||{ ${SUM};};`
        : "") +
      ":",
  );
  const reader = new AnswerReader(answer.bytes);
  const refusal = reader.line();
  if (refusal !== "") throw hostFailure(`write to ${dest}`, refusal);
  const kind = reader.kinds(1)[0]!;
  const folder = reader.line();
  const isOurs = reader.line() === "ours";
  const umask = parseInt(reader.line(), 8);
  const self = { uid: Number(reader.line()), gid: Number(reader.line()) };
  const given = reader.line();
  if (given.startsWith("no ")) {
    throw hostFailure(`give files to ${who}`, given.slice(3));
  }
  const path = reader.word() ?? dest;
  const entry = kind === "nothing"
    ? NOTHING
    : { ...readStat(reader.line()), kind };
  const known = given === "" ? undefined : readStat(given);
  return {
    path,
    entry,
    sum: readSums(reader.text())[0],
    hasFolder: folder.startsWith("d"),
    isOurs,
    makesFolders: folder.endsWith("/") || !isFile || args.parents === true,
    umask,
    self,
    owner: known && {
      ...(owner === undefined ? {} : { uid: known.uid }),
      ...(group === undefined ? {} : { gid: known.gid }),
    },
  };
}

/** What a file, folder or link is to be like, where something is or is not. */
export function wantedOf(
  entry: SourceEntry,
  { there, place, pushing }: {
    there: HostEntry;
    place: HostPlace;
    pushing: Pushing;
  },
): { mode: number; mtime: number; uid: number; gid: number } {
  const isAlike = there.kind === "file" && entry.kind === "file";
  const preserve = pushing.args.preserve ?? false;
  const mode = entry.kind === "file" && pushing.mode !== undefined
    ? pushing.mode
    : preserve
    ? entry.mode
    : isAlike
    // New content does not run with an owner's rights because the old one did.
    ? there.mode & 0o777
    : entry.mode & 0o777 & ~place.umask;
  // Only root may give files away.
  const keeps = isAlike && place.self.uid === 0;
  const { uid, gid } = keeps ? there : place.self;
  return { mode, mtime: entry.mtime, uid, gid, ...place.owner };
}

/** Whether what is there is not as it is meant to be, its content aside. */
export function differs(
  entry: SourceEntry,
  { there, place, pushing }: {
    there: HostEntry;
    place: HostPlace;
    pushing: Pushing;
  },
): boolean {
  const wanted = wantedOf(entry, { there, place, pushing });
  const { uid = there.uid, gid = there.gid } = place.owner ?? {};
  if (there.uid !== uid || there.gid !== gid) return true;
  if (entry.kind === "link") return false;
  const { preserve } = pushing.args;
  const isFile = entry.kind === "file";
  const hasMode = isFile ? preserve || pushing.mode !== undefined : preserve;
  return (hasMode && there.mode !== wanted.mode) ||
    (isFile && preserve === true && there.mtime !== wanted.mtime);
}

/** The error of a place where something is that cannot be replaced. */
export function inTheWay(path: string, { kind }: HostEntry): CallError {
  const what = kind === "folder" || kind === "folder link"
    ? "a folder is there"
    : "there is something that is no folder";
  return new CallError(`Cannot write ${path}: ${what}`, {
    hint: "Nothing is removed to make room: remove it first",
  });
}

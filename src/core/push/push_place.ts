// Finds the destination of a push on a host, and what is there: the first step of
// every push.
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

/** The numbers of an owner and a group on a host. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The destination on a host. */
export interface HostPlace {
  readonly path: string;
  /** What is there. */
  readonly entry: HostEntry;
  /** The SHA-256 of a file of the same size; else undefined. */
  readonly sum: string | undefined;
  /** Whether its folder exists. */
  readonly hasFolder: boolean;
  /** Whether only root and we can change the folder that was entered. */
  readonly isOurs: boolean;
  /** Whether missing folders are created. */
  readonly makesFolders: boolean;
  readonly umask: number;
  /** Our user there. */
  readonly self: Owner;
  /** The numbers of `owner` and `group`; undefined when neither is set. */
  readonly owner: Partial<Owner> | undefined;
}

/**
 * Finds the destination. Enters the folder of a pushed file, or the pushed folder
 * itself; `r` is the part of its path that does not exist yet, `b` the last name of
 * the destination.
 *
 * @throws {CallError} when the host has no such owner or group, or the folder
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

/** The attributes that a file, folder or link is to have on the host. */
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
    // New content must not inherit setuid or setgid bits.
    ? there.mode & 0o777
    : entry.mode & 0o777 & ~place.umask;
  // Only root can keep another owner.
  const keeps = isAlike && place.self.uid === 0;
  const { uid, gid } = keeps ? there : place.self;
  return { mode, mtime: entry.mtime, uid, gid, ...place.owner };
}

/** Whether the attributes on the host differ from the wanted ones. */
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

/** The error for a destination that cannot be replaced. */
export function inTheWay(path: string, { kind }: HostEntry): CallError {
  const what = kind === "folder" || kind === "folder link"
    ? "a folder is there"
    : kind === "other"
    ? "a device, a socket or a pipe is there"
    : "something other than a folder is there";
  return new CallError(`Cannot write ${path}: ${what}`, {
    hint: "Remove it first: a push replaces neither by the other",
  });
}

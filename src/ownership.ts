// Whether other users of this machine could change a file that we read or run.
// The one rule for modules, gates, wheels, inventories, ssh_config, host keys,
// private keys and password files (SECURITY.md has it as a table).
import { dirname, resolve } from "@std/path";
import { hasAccessList } from "./disk/access_list.ts";

/**
 * What a file is used for: a `program` runs here as us, `code` runs on hosts or
 * says whom we trust, `data` is only read.
 */
export type FileUse = "program" | "code" | "data";

/** How others could change a file. */
export interface Exposure {
  /** The end of a sentence: `everybody can write to it`. */
  readonly why: string;
  readonly hint: string;
  /** Both in one, for errors that have no hint of their own. */
  readonly both: string;
  /** Whether the file must not be used; else there is a warning. */
  readonly isRefused: boolean;
}

/** `granted`: a group that root has given leave, as Debian does in /usr/local. */
type Writer = "owner" | "everybody" | "group" | "granted";

interface Finding {
  readonly writer: Writer;
  readonly why: string;
  readonly remedy: string;
}

/** Who must not be able to write to a file, by its use; who else is warned of. */
const REFUSED: Readonly<Record<FileUse, readonly Writer[]>> = {
  program: ["owner", "everybody", "group", "granted"],
  code: ["owner", "everybody"],
  data: [],
};

/** Of data a group is no news: whoever set it up so has meant it. */
const WARNED: Readonly<Record<FileUse, readonly Writer[]>> = {
  program: [],
  code: ["group"],
  data: ["owner", "everybody"],
};

/** Says how others could change a file; undefined: they could not. */
export function exposureOf(
  path: string,
  use: FileUse,
  info: Deno.FileInfo = Deno.statSync(path),
): Exposure | undefined {
  // What a pipe or a device gives is not kept in it.
  if (!info.isFile && !info.isDirectory) return undefined;
  const finding = findingOf(path, info) ?? findAbove(path);
  if (finding === undefined) return undefined;
  const isRefused = REFUSED[use].includes(finding.writer);
  if (!isRefused && !WARNED[use].includes(finding.writer)) return undefined;
  if (Deno.env.get("FTL_TRUST_FILES") === "1") return undefined;
  const { why, remedy } = finding;
  const advice =
    `${remedy}, or set FTL_TRUST_FILES=1 to use such files as they are`;
  return {
    why,
    hint: advice,
    both: `${why}; ${advice[0]!.toLowerCase()}${advice.slice(1)}`,
    isRefused,
  };
}

/** What is wrong with a file or a folder itself. */
function findingOf(path: string, info: Deno.FileInfo): Finding | undefined {
  const { uid, gid } = info;
  const mode = info.mode ?? 0;
  const isSticky = info.isDirectory && (mode & 0o1000) !== 0;
  if (uid !== null && !trustedUsers().has(uid)) {
    return {
      writer: "owner",
      why: `it belongs to user ${uid}, neither to you nor to root`,
      remedy: `Look at it, then run chown ${Deno.uid()} ${path}`,
    };
  }
  if ((mode & 0o002) !== 0 && !isSticky) {
    return {
      writer: "everybody",
      why: "everybody can write to it",
      remedy: `Look at it, then run chmod o-w ${path}`,
    };
  }
  // Where everybody has a group of their own, files are often open to it.
  const isOwnGroup = gid === 0 || gid === uid || gid === Deno.gid();
  if ((mode & 0o020) !== 0 && !isSticky && !isOwnGroup) {
    return {
      writer: uid === 0 ? "granted" : "group",
      why: `group ${gid} can write to it`,
      remedy: `Look at it, then run chmod g-w ${path}`,
    };
  }
  if ((mode & 0o020) !== 0 && !isSticky && hasAccessList(path)) {
    return {
      writer: uid === 0 ? "granted" : "group",
      why: "an access control list may let others write to it",
      remedy: `Look at it, then run setfacl -b ${path}`,
    };
  }
  return undefined;
}

/** What is wrong with the folders above a path, and above what it leads to. */
function findAbove(path: string): Finding | undefined {
  const named = resolve(path);
  return findInLink(named) ?? findInFolder(dirname(named));
}

/** Whoever owns a link says where it leads, also in a sticky folder. */
function findInLink(path: string): Finding | undefined {
  const { isSymlink, uid } = Deno.lstatSync(path);
  if (!isSymlink) return undefined;
  if (uid === null || trustedUsers().has(uid)) {
    return findInFolder(dirname(realPathOf(path)));
  }
  return {
    writer: "owner",
    why: `${path} is a link of user ${uid}, who is neither you nor root`,
    remedy: "Name the place that it leads to",
  };
}

/** What was removed while it is open has no other name. */
function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/** Folders in which nobody else can put another file in the place of one. */
const safe = new Set<string>();

function findInFolder(folder: string): Finding | undefined {
  if (safe.has(folder)) return undefined;
  const found = findingOf(folder, Deno.statSync(folder));
  if (found !== undefined) {
    return { ...found, why: found.why.replace(/\bit\b/, () => folder) };
  }
  const above = folder === "/" ? undefined : findAbove(folder);
  if (above === undefined) safe.add(folder);
  return above;
}

let trusted: ReadonlySet<number> | undefined;

/**
 * We, root, who has become root with sudo, and the owner of `/`: in a container
 * that is how root outside is seen.
 */
function trustedUsers(): ReadonlySet<number> {
  if (trusted !== undefined) return trusted;
  const users = new Set([0, Deno.uid() ?? 0, Deno.statSync("/").uid ?? 0]);
  const sudoer = Deno.env.get("SUDO_UID");
  if (Deno.uid() === 0 && sudoer !== undefined) users.add(Number(sudoer));
  return trusted = users;
}

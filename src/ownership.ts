// Whether other users of this machine could change a file that we read or run:
// the one rule for modules, gates, wheels, inventories, ssh_config, host keys,
// private keys and password files (SECURITY.md has it as a table).
import { dirname, resolve } from "@std/path";
import { hasAccessList } from "./disk/access_list.ts";

/**
 * What a file is used for: a `program` runs here as this user, `code` runs on
 * hosts or decides whom we trust, `data` is only read.
 */
export type FileUse = "program" | "code" | "data";

/** How other users could change a file. */
export interface Exposure {
  /** The end of a sentence: `everybody can write to it`. */
  readonly why: string;
  readonly hint: string;
  /** Reason and hint in one text, for errors without a hint of their own. */
  readonly both: string;
  /** Whether the file must not be used; otherwise it deserves a warning. */
  readonly isRefused: boolean;
}

/** `granted`: a group that root let in, as Debian does in /usr/local. */
type Writer = "owner" | "everybody" | "group" | "granted";

interface Finding {
  readonly writer: Writer;
  readonly why: string;
  readonly remedy: string;
}

/** The writers because of which a file is refused, by its use. */
const REFUSED: Readonly<Record<FileUse, readonly Writer[]>> = {
  program: ["owner", "everybody", "group", "granted"],
  code: ["owner", "everybody"],
  data: [],
};

/** The writers that are warned about. A group that can write data is normal. */
const WARNED: Readonly<Record<FileUse, readonly Writer[]>> = {
  program: [],
  code: ["group"],
  data: ["owner", "everybody"],
};

/** Returns how other users could change a file; undefined when they cannot. */
export function exposureOf(
  path: string,
  use: FileUse,
  info: Deno.FileInfo = Deno.statSync(path),
): Exposure | undefined {
  // A pipe or a device does not store what it delivers.
  if (!info.isFile && !info.isDirectory) return undefined;
  const finding = findingOf(path, info) ?? findAbove(path);
  if (finding === undefined) return undefined;
  const isRefused = REFUSED[use].includes(finding.writer);
  if (!isRefused && !WARNED[use].includes(finding.writer)) return undefined;
  if (Deno.env.get("FTL_TRUST_FILES") === "1") return undefined;
  const { why, remedy } = finding;
  const advice = `${remedy}, or set FTL_TRUST_FILES=1 to use such files anyway`;
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
      remedy: `Inspect it, then run chown ${Deno.uid()} ${path}`,
    };
  }
  if ((mode & 0o002) !== 0 && !isSticky) {
    return {
      writer: "everybody",
      why: "everybody can write to it",
      remedy: `Inspect it, then run chmod o-w ${path}`,
    };
  }
  // On systems where each user has a private group, files are often writable for it.
  const isOwnGroup = gid === 0 || gid === uid || gid === Deno.gid();
  if ((mode & 0o020) !== 0 && !isSticky && !isOwnGroup) {
    return {
      writer: uid === 0 ? "granted" : "group",
      why: `group ${gid} can write to it`,
      remedy: `Inspect it, then run chmod g-w ${path}`,
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

/** What is wrong with the folders above a path, and above the target of a link. */
function findAbove(path: string): Finding | undefined {
  const named = resolve(path);
  return findInLink(named) ?? findInFolder(dirname(named));
}

/** The owner of a link decides where it points, even in a sticky folder. */
function findInLink(path: string): Finding | undefined {
  const { isSymlink, uid } = Deno.lstatSync(path);
  if (!isSymlink) return undefined;
  if (uid === null || trustedUsers().has(uid)) {
    return findInFolder(dirname(realPathOf(path)));
  }
  return {
    writer: "owner",
    why: `${path} is a link of user ${uid}, who is neither you nor root`,
    remedy: "Give the path that it points to",
  };
}

/** An open file that was removed has no other name. */
function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/** Folders in which no other user can replace a file. */
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
 * This user, root, the user who became root with sudo, and the owner of `/`,
 * which is how the outer root appears inside a container.
 */
function trustedUsers(): ReadonlySet<number> {
  if (trusted !== undefined) return trusted;
  const users = new Set([0, Deno.uid() ?? 0, Deno.statSync("/").uid ?? 0]);
  const sudoer = Deno.env.get("SUDO_UID");
  if (Deno.uid() === 0 && sudoer !== undefined) users.add(Number(sudoer));
  return trusted = users;
}

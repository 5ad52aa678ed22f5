// Writes the files of hosts on the controller. Names and targets from a host are
// untrusted: nothing is written through a link below a host's folder, and no name
// leads out of it. A file appears complete or not at all.
import { dirname, join } from "@std/path";
import { CallError, messageOf } from "../../errors.ts";
import { rechunk } from "../remote/rechunk.ts";

/** How much is written at a time; as much may wait in memory. */
const PIECE = 512 * 1024;

/**
 * The name of a host's folder: characters with a meaning in paths are escaped.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(folderName("../web 1"), "%2E.%2Fweb 1");
 * ```
 */
export function folderName(host: string): string {
  return host.replace(
    // deno-lint-ignore no-control-regex
    /^\.|[/\\%\x00-\x1f\x7f]/g,
    (character) =>
      `%${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`,
  );
}

/**
 * Whether a link stays in the folder; `place` is its path there. A target with
 * `..` after a name is refused too, because that name may itself be a link.
 */
export function staysInside(place: string, target: string): boolean {
  if (target === "" || target.startsWith("/") || target.includes("\0")) {
    return false;
  }
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const up = parts.findIndex((part) => part !== "..");
  const climbs = up < 0 ? parts.length : up;
  if (parts.slice(climbs).includes("..")) return false;
  return climbs <= place.split("/").length - 1;
}

/**
 * Creates a folder unless it exists or `check` is set. Refuses a link, and a folder
 * of another user, who could put links into it.
 */
export async function makeFolder(
  path: string,
  { check = false }: { check?: boolean } = {},
): Promise<void> {
  const there = await lookAt(path);
  if (there === undefined) {
    if (!check) await here(path, () => Deno.mkdir(path));
    return;
  }
  if (!there.isDirectory) {
    throw inTheWay(
      path,
      there.isSymlink ? "a link is there" : "a file is there",
    );
  }
  const ourUid = Deno.uid();
  if (ourUid === null || (there.uid === 0 || there.uid === ourUid)) return;
  throw new CallError(
    `Cannot write ${path} on this machine: the folder belongs to another user`,
    { hint: "Fetch into another folder, or run ftl as that user" },
  );
}

/** Creates the folders of a path below an existing one, as `makeFolder()` does. */
export async function makeFolders(
  top: string,
  parts: readonly string[],
  options: { check?: boolean } = {},
): Promise<void> {
  for (const i of parts.keys()) {
    await makeFolder(join(top, ...parts.slice(0, i + 1)), options);
  }
}

/** What is at a path; links are not followed. */
export async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw cannotWrite(path, error);
  }
}

/** Refuses to replace anything but a file or a link, such as `/dev/null`. */
export function refuseToReplace(
  path: string,
  there:
    | Pick<Deno.FileInfo, "isDirectory" | "isFile" | "isSymlink">
    | undefined,
): void {
  if (there === undefined || there.isFile || there.isSymlink) return;
  throw inTheWay(
    path,
    there.isDirectory
      ? "a folder is there"
      : "a device, a socket or a pipe is there",
  );
}

/**
 * Writes a file; the old one stays until the new one is complete. A chunk of the
 * content must stay valid until the chunk after the next one is requested.
 */
export async function writeWhole(
  path: string,
  content: AsyncIterable<Uint8Array>,
  { size, mode, mtime, sync }: {
    /** The announced length of the content. */
    size: number;
    mode: number;
    /** In seconds; undefined: now. */
    mtime: number | undefined;
    /** Whether to wait until it is on the disk. */
    sync: boolean;
  },
): Promise<void> {
  await replace(path, async (part) => {
    const file = await here(
      path,
      () => Deno.open(part, { createNew: true, write: true, mode: 0o600 }),
    );
    const write = async (piece: Uint8Array) => {
      for (let rest = piece; rest.length > 0;) {
        rest = rest.subarray(await here(path, () => file.write(rest)));
      }
    };
    let written = Promise.resolve();
    try {
      for await (const piece of rechunk(content, Math.min(size, PIECE))) {
        await written;
        written = write(piece);
        written.catch(() => {}); // it is awaited before the next piece
      }
      await written;
      if (sync) await here(path, () => file.syncData());
    } finally {
      file.close();
    }
    await setAttributes(part, { mode, mtime });
  });
}

/** Creates a link, which may replace a file or another link. */
export async function writeLink(path: string, target: string): Promise<void> {
  await replace(
    path,
    (part) => here(path, () => Deno.symlink(target, part)),
  );
}

/** Makes a file or a link under another name, and then puts it in place. */
async function replace(
  path: string,
  make: (part: string) => Promise<void>,
): Promise<void> {
  refuseToReplace(path, await lookAt(path));
  const part = join(dirname(path), `.ftl-${crypto.randomUUID()}`);
  try {
    await make(part);
    await here(path, () => Deno.rename(part, path));
  } catch (error) {
    // It was not created, or is incomplete.
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}

/** Sets permissions and the time of a file that is not a link. */
export async function setAttributes(
  path: string,
  { mode, mtime }: { mode: number; mtime: number | undefined },
): Promise<void> {
  await here(path, () => Deno.chmod(path, mode));
  if (mtime !== undefined) {
    await here(path, () => Deno.utime(path, mtime, mtime));
  }
}

/**
 * Does something with a path on this machine.
 *
 * @throws {CallError} with the path, when it fails.
 */
export async function here<T>(
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function inTheWay(path: string, what: string): CallError {
  return new CallError(`Cannot write ${path} on this machine: ${what}`, {
    hint: "Remove it first: a fetch removes nothing",
  });
}

function cannotWrite(path: string, cause: unknown): CallError {
  const text = messageOf(cause);
  const reason = cause instanceof Deno.errors.PermissionDenied
    ? "permission denied"
    : /os error 28|No space left/i.test(text)
    ? "the disk is full"
    : text;
  return new CallError(`Cannot write ${path} on this machine: ${reason}`, {
    cause,
  });
}

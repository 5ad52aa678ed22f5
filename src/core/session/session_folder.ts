// Where the sessions of this user on this machine are: a folder that nobody else can
// enter, with a socket, a token and a lock for each. The lock is held as long as the
// session's process lives, so what it left when it was killed is known to be stale.
import { join } from "@std/path";
import { SourceError } from "../../errors.ts";
import { defaultFolder, openFolder } from "../../store/folder.ts";
import { sessionNames, sessionsFolder } from "../../store/session_traces.ts";

/** The longest path of a socket (sockaddr_un, with its NUL). */
const MAX_PATH = Deno.build.os === "darwin" ? 103 : 107;

/** Names of sessions. */
const NAME = /^[\w-][\w.-]{0,30}$/;

/** The name of a session that was not given another. */
export const DEFAULT_SESSION = "default";

/** The files of one session. */
export interface SessionPlace {
  readonly name: string;
  readonly socket: string;
  /** What a client must know; written before the socket exists. */
  readonly token: string;
  /** Locked by the session; holds its process ID. */
  readonly lock: string;
}

/**
 * The files of a session, in a folder that is made where it is missing.
 *
 * @throws {SourceError} when the name cannot be used, or its path is too long.
 * @throws {BuildError} when others could write to the folder or replace it.
 */
export async function openSessionPlace(name: string): Promise<SessionPlace> {
  if (!NAME.test(name)) {
    throw new SourceError(`Cannot name a session ${JSON.stringify(name)}`, {
      hint: "Use up to 31 letters, digits, dots, hyphens and underscores",
    });
  }
  const path = await sessionsFolder();
  // One after the other: each folder on the way must be ours alone.
  await openFolder(await defaultFolder());
  await openFolder(join(await defaultFolder(), "sessions"));
  const folder = await openFolder(path);
  const place = placeIn(folder, name);
  if (place.socket.length <= MAX_PATH) return place;
  throw new SourceError(
    `Cannot make a session in ${folder}: the path of its socket has ${place.socket.length} bytes, and the system allows ${MAX_PATH}`,
    { hint: "Set FTL_HOME to a folder with a shorter path" },
  );
}

/**
 * The sessions that have left a socket, dead ones included; none without the folder.
 *
 * @throws {BuildError} when others could write to the folder or replace it.
 */
export async function listSessionPlaces(): Promise<SessionPlace[]> {
  const names = await sessionNames();
  if (names.length === 0) return [];
  const folder = await openFolder(await sessionsFolder());
  return names.map((name) => placeIn(folder, name));
}

function placeIn(folder: string, name: string): SessionPlace {
  return {
    name,
    socket: join(folder, `${name}.sock`),
    token: join(folder, `${name}.token`),
    lock: join(folder, `${name}.lock`),
  };
}

/** Takes the lock of a session; undefined while another process holds it. */
export async function lockSession(
  place: SessionPlace,
): Promise<Deno.FsFile | undefined> {
  const { lock } = place;
  const file = await Deno.open(lock, {
    read: true,
    write: true,
    create: true,
    mode: 0o600,
  });
  if (!await file.tryLock(true)) {
    file.close();
    return undefined;
  }
  // The session before may have removed the file between the two steps.
  const [ours, named] = [await file.stat(), await inodeOf(lock)];
  if (ours.ino === named) return file;
  file.close();
  return await lockSession(place);
}

async function inodeOf(path: string): Promise<number | null | undefined> {
  try {
    return (await Deno.stat(path)).ino;
  } catch {
    return undefined;
  }
}

/** The process that holds the lock of a session; undefined when it has ended. */
export async function sessionProcess(
  place: SessionPlace,
): Promise<number | undefined> {
  const lock = await lockSession(place);
  if (lock !== undefined) {
    lock.close();
    return undefined;
  }
  const pid = Number((await Deno.readTextFile(place.lock)).trim());
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

/** Removes what a session left, unless one has the name now. */
export async function removeStale(place: SessionPlace): Promise<boolean> {
  const lock = await lockSession(place);
  if (lock === undefined) return false;
  await removeFiles(place);
  lock.close();
  return true;
}

/** Removes the files of a session whose lock the caller holds. */
export async function removeFiles(place: SessionPlace): Promise<void> {
  for (const path of [place.socket, place.token, place.lock]) {
    await Deno.remove(path).catch(() => {}); // it was never made
  }
}

// Checks that a path may be read or written as ftl's file. What another user
// planted there is refused before it is opened, because opening a pipe waits for
// its other end. The checks are synchronous, since they cost less than a thread.

/** Requires a folder that belongs to us or root. @throws {Error} that names its owner. */
export function requireSafeFolder(path: string): void {
  const { uid, isDirectory } = Deno.statSync(path);
  if (!isDirectory) throw new Error(`${path} is not a folder`);
  if (!isTrusted(uid)) {
    throw new Error(`the folder ${path} belongs to user ${uid}`);
  }
}

/** Requires a regular file or nothing. @throws {Error} that names what is there. */
export function requireRegular(path: string): void {
  const info = statOf(path, Deno.lstatSync);
  if (info?.isDirectory) throw new Error("it is a folder");
  if (info?.isSymlink) throw new Error("it is a link");
  if (info && !info.isFile) throw new Error("it is not a regular file");
}

/**
 * Requires a regular file, a device such as /dev/null, or nothing. Our own link
 * or root's is followed, because users keep known_hosts elsewhere.
 *
 * @throws {Error} that names what is there.
 */
export function requireRegularOrOwnLink(path: string): void {
  const link = statOf(path, Deno.lstatSync);
  if (link?.isSymlink && !isTrusted(link.uid)) {
    throw new Error(`it is a link that user ${link.uid} made`);
  }
  const info = link?.isSymlink ? statOf(path, Deno.statSync) : link;
  if (info?.isDirectory) throw new Error("it is a folder");
  if (info && !info.isFile && !info.isCharDevice) {
    throw new Error("it is not a regular file");
  }
}

/** Creates a folder with mode 0700, and its missing parents. */
export function makePrivateFolder(path: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  requireSafeFolder(path);
}

function isTrusted(uid: number | null): boolean {
  return uid === null || uid === 0 || uid === Deno.uid();
}

function statOf(
  path: string,
  stat: typeof Deno.lstatSync,
): Deno.FileInfo | undefined {
  try {
    return stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

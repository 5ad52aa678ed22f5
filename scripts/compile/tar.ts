// Tar archives (POSIX.1-1988, ustar) that are the same for the same files: without
// an owner, dated 1970, in the order of their names.

const BLOCK = 512;

/** A file for an archive. */
export interface TarFile {
  readonly content: Uint8Array;
  /** Whether its owner may run it. Default: false. */
  readonly executable?: boolean;
}

/**
 * Makes a tar archive of files by path. Only their owner may read them.
 *
 * @throws {RangeError} when a path is longer than 100 bytes.
 */
export function packTar(
  files: ReadonlyMap<string, TarFile>,
): Uint8Array<ArrayBuffer> {
  const paths = [...files.keys()].sort();
  const sizes = paths.map((path) =>
    BLOCK + blocks(files.get(path)!.content.length)
  );
  const end = sizes.reduce((sum, size) => sum + size, 0);
  const archive = new Uint8Array(end + 2 * BLOCK);
  let at = 0;
  for (const [i, path] of paths.entries()) {
    const { content, executable = false } = files.get(path)!;
    archive.set(header(path, { size: content.length, executable }), at);
    archive.set(content, at + BLOCK);
    at += sizes[i]!;
  }
  return archive;
}

function blocks(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function header(
  path: string,
  { size, executable }: { size: number; executable: boolean },
): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string, room: number) => {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > room) {
      throw new RangeError(`Cannot archive ${path}: the path is too long`);
    }
    block.set(bytes, at);
  };
  const octal = (value: number, digits: number) =>
    value.toString(8).padStart(digits, "0");
  put(0, path, 100);
  put(100, octal(executable ? 0o700 : 0o600, 7), 7);
  put(108, octal(0, 7), 7); // owner
  put(116, octal(0, 7), 7); // group
  put(124, octal(size, 11), 11);
  put(136, octal(0, 11), 11); // time
  put(148, " ".repeat(8), 8); // the checksum counts itself as spaces
  put(156, "0", 1); // a plain file
  put(257, "ustar\u{0}00", 8);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\u{0} `, 8);
  return block;
}

// Lists a folder of the controller. Deno has no paths that are not UTF-8, and shows
// such names with U+FFFD: left alone, one could stand for a file of another name.

/**
 * The names in a folder, in the byte order of the names.
 *
 * @throws {NotUtf8} when one of them is not UTF-8.
 */
export async function listNames(folder: string): Promise<Deno.DirEntry[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const seen = new Set<string>();
  for (const { name } of entries) {
    const isUnclear = name.includes("\ufffd") &&
      (seen.has(name) || !await exists(`${folder}/${name}`));
    if (isUnclear) throw new NotUtf8(name);
    seen.add(name);
  }
  return entries.sort((a, b) => compare(a.name, b.name));
}

/** A name that Deno cannot hold. */
export class NotUtf8 extends Error {
  /** The name, with U+FFFD for each byte that is not UTF-8. */
  readonly shown: string;

  constructor(shown: string) {
    super(`The name ${shown} is not UTF-8`);
    this.shown = shown;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Byte order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// Reading known_hosts files and adding to them. They are the user's, and other
// programs write them too: nothing is ever rewritten, only one line appended.
import { dirname } from "@std/path";
import { type KnownHosts, parseKnownHosts } from "./known_hosts.ts";

/** Reads the files that exist; the others count as empty. */
export async function readKnownHosts(
  paths: readonly string[],
): Promise<KnownHosts> {
  const files = await Promise.all(paths.map(async (path) => ({
    path,
    text: await readIfThere(path),
  })));
  return parseKnownHosts(files);
}

/**
 * Appends a line, whole or not at all, whoever else is writing; makes the file
 * and its folder when they are missing.
 */
export async function appendKnownHost(
  path: string,
  line: string,
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  appendLine(path, line);
}

function appendLine(path: string, line: string): void {
  using file = Deno.openSync(path, {
    append: true,
    read: true,
    create: true,
    mode: 0o600,
  });
  // At once: another that meets the same unfinished line would end it as well.
  const separator = endsInsideLine(file) ? "\n" : "";
  // One write to a file opened for appending is not mixed with another's.
  const bytes = new TextEncoder().encode(`${separator}${line}\n`);
  if (file.writeSync(bytes) < bytes.length) {
    throw new Error("the disk is full");
  }
}

function endsInsideLine(file: Deno.FsFile): boolean {
  const { size } = file.statSync();
  if (size === 0) return false;
  const last = new Uint8Array(1);
  file.seekSync(-1, Deno.SeekMode.End);
  file.readSync(last);
  return last[0] !== 0x0a;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

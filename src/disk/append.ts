// Files that grow by lines, which other processes add to at the same time: a
// line is one write to a file that is opened for appending, so that none is
// mixed with another's.
import { requireRegularOrOwnLink } from "./place.ts";

/**
 * Appends a line, whole or not at all; makes the file when it is missing, for
 * its owner alone. A last line that was cut short is ended first.
 *
 * @throws {Error} when there is something else than a file at the path, or a
 * link that another user made.
 */
export function appendLine(path: string, line: string): void {
  requireRegularOrOwnLink(path);
  using file = Deno.openSync(path, {
    append: true,
    read: true,
    create: true,
    mode: 0o600,
  });
  // At once: another that meets the same unfinished line would end it as well.
  const separator = endsInsideLine(file) ? "\n" : "";
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

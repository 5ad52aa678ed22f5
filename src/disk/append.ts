// Files that several processes append lines to at the same time. A line is one
// write to a file opened for appending, so that lines never mix.
import { requireRegularOrOwnLink } from "./place.ts";

/**
 * Appends a line, and creates the file with mode 0600 when it is missing. A last
 * line without a newline is ended first.
 *
 * @throws {Error} when the path is not a file or is another user's link, or when
 * the disk is full.
 */
export function appendLine(path: string, line: string): void {
  requireRegularOrOwnLink(path);
  using file = Deno.openSync(path, {
    append: true,
    read: true,
    create: true,
    mode: 0o600,
  });
  // In the same write: another process may end the same unfinished line too.
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

// Writes and reads archives that Python can run: a `#!` line and a zip. The same
// entries always make the same bytes. The only import of fflate.
import { unzipSync, type Zippable, zipSync, zlibSync } from "fflate";

const SHEBANG = new TextEncoder().encode("#!/usr/bin/env python3\n");
const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = 0x06054b50;

/**
 * Makes a zip of entries, path to content.
 *
 * @param options `main`: add the `#!` line, which makes it a zipapp.
 */
export function packZip(
  entries: ReadonlyMap<string, Uint8Array>,
  options: { main?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const zippable: Zippable = {};
  for (const path of [...entries.keys()].sort()) {
    zippable[path] = entries.get(path)!;
  }
  const zip = zipSync(zippable, {
    level: 6,
    // A zip stores local time: these fields are the same in every time zone.
    mtime: new Date(1980, 0, 1),
    os: 3,
    attrs: 0o100644 << 16,
  });
  return options.main ? prepend(SHEBANG, zip) : zip;
}

/** The most bytes that an archive may hold, unpacked. Ansible has a tenth. */
export const MAX_UNPACKED = 256 * 1024 * 1024;

const TOO_LARGE = "it holds more than 256 MiB";

/**
 * The entries of a zip, path to content.
 *
 * @throws {Error} when the bytes are not a zip, or hold more than `MAX_UNPACKED`.
 */
export function unpackZip(
  bytes: Uint8Array,
): Map<string, Uint8Array<ArrayBuffer>> {
  let size = 0;
  const entries = unzipSync(bytes, {
    filter: ({ originalSize }) => {
      size += originalSize;
      if (size > MAX_UNPACKED) {
        throw new RangeError(TOO_LARGE);
      }
      return true;
    },
  });
  return new Map(Object.entries(entries)) as Map<
    string,
    Uint8Array<ArrayBuffer>
  >;
}

/** Why `unpackZip()` failed: "it is not a zip". */
export function zipFault(error: unknown): string {
  // A damaged one can make the engine throw a RangeError, too.
  const isLarge = error instanceof RangeError && error.message === TOO_LARGE;
  return isLarge ? TOO_LARGE : "it is not a zip";
}

/** Whether there is no data before or after a zip, other than its `#!` line. */
export function isBare(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isMain = SHEBANG.every((byte, i) => bytes[i] === byte);
  const start = isMain ? SHEBANG.length : 0;
  const end = bytes.length - 22;
  return end > start && view.getUint32(start, true) === LOCAL_HEADER &&
    view.getUint32(end, true) === END_RECORD;
}

/** Compresses to the zlib format (RFC 1950). */
export function deflate(bytes: Uint8Array): Uint8Array {
  return zlibSync(bytes, { level: 9 });
}

/**
 * Adds bytes before a zip and corrects its offsets, which count from the start of
 * the file (APPNOTE.TXT 4.4.16 and 4.4.24). Not all readers accept wrong offsets.
 */
function prepend(head: Uint8Array, zip: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(head.length + zip.length);
  bytes.set(head);
  bytes.set(zip, head.length);
  const view = new DataView(bytes.buffer);
  const end = bytes.length - 22;
  if (
    view.getUint32(end, true) !== END_RECORD ||
    view.getUint32(head.length, true) !== LOCAL_HEADER
  ) {
    throw new Error(
      "Cannot make a zipapp: the zip has an unexpected layout",
    );
  }
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true) + head.length;
  view.setUint32(end + 16, at, true);
  for (let index = 0; index < count; index++) {
    if (view.getUint32(at, true) !== CENTRAL_HEADER) {
      throw new Error("Cannot make a zipapp: its directory is damaged");
    }
    view.setUint32(at + 42, view.getUint32(at + 42, true) + head.length, true);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
  }
  return bytes;
}

// Reads published collections: gzipped tar files, which are not unpacked to the
// disk.
import { BuildError } from "../../errors.ts";
import { sha256, type SourceFile } from "./build_inputs.ts";
import { MAX_UNPACKED } from "../format/zipapp.ts";
import { memoryTree, type Tree } from "./source_tree.ts";

const BLOCK = 512;

/**
 * Reads a `.tar.gz` file into a tree.
 *
 * @throws {BuildError} when it is damaged.
 */
export async function readTarball(file: SourceFile): Promise<Tree> {
  let tar: Uint8Array<ArrayBuffer>;
  try {
    tar = await gunzip(file);
  } catch (error) {
    if (error instanceof BuildError) throw error;
    throw new BuildError(
      `Cannot read ${file.path}: it is not a complete gzip file`,
      {
        cause: error,
      },
    );
  }
  const files = new Map<string, SourceFile>();
  for (const [path, bytes] of members(tar, file.path)) {
    const hash = await sha256(bytes);
    files.set(path, { path: `${file.path}:${path}`, bytes, sha256: hash });
  }
  return memoryTree(file.path, files);
}

/** The regular files of a tar (POSIX ustar and pax, GNU long names). */
function* members(
  tar: Uint8Array<ArrayBuffer>,
  path: string,
): Generator<[string, Uint8Array<ArrayBuffer>]> {
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const header = tar.subarray(at, at + BLOCK);
    const size = sizeIn(header);
    const start = at + BLOCK;
    if (size === undefined || start + size > tar.length) {
      throw new BuildError(
        `Cannot read ${path}: it is not a complete tar file`,
      );
    }
    const body = tar.slice(start, start + size);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156]!);
    if (type === "L") {
      longName = text(body).replace(/\0.*$/s, "");
    } else if (type === "x") {
      longName = /(?:^|\n)\d+ path=([^\n]*)/.exec(text(body))?.[1] ?? longName;
    } else {
      const prefix = field(header, 345, 155);
      const name = field(header, 0, 100);
      const full = longName ?? (prefix === "" ? name : `${prefix}/${name}`);
      longName = undefined;
      if (type === "0" || type === "\0") {
        yield [full.replace(/^\.\//, ""), body];
      }
    }
  }
}

/** The size of a member; undefined when it is not a number in octal. */
function sizeIn(header: Uint8Array): number | undefined {
  const text = field(header, 124, 12);
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : undefined;
}

/** Unpacks gzip, up to a bound: a small file can hold very much. */
async function gunzip(
  { bytes, path }: SourceFile,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_UNPACKED) {
      throw new BuildError(
        `Cannot read ${path}: it holds more than ${
          MAX_UNPACKED / 1024 / 1024
        } MiB`,
      );
    }
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function field(header: Uint8Array, from: number, size: number): string {
  return text(header.subarray(from, from + size)).replace(/\0.*$/s, "").trim();
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

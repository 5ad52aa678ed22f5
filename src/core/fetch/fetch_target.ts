// Where the files of hosts are written: on this machine, or wherever another machine
// that made the call wants them.
import { sumOfFile } from "../push/push_source.ts";
import {
  lookAt,
  makeFolder,
  setAttributes,
  writeLink,
  writeWhole,
} from "./local_place.ts";

/** What was there before, as far as a fetch compares it. */
export type Earlier = Pick<
  Deno.FileInfo,
  "isFile" | "isDirectory" | "isSymlink" | "size" | "mode" | "mtime"
>;

/** Takes the files of hosts; paths are absolute. Errors are those of `local_place`. */
export interface FetchTarget {
  /** What is at a path; links are not followed. */
  lookAt(path: string): Promise<Earlier | undefined>;
  readLink(path: string): Promise<string>;
  /** The SHA-256 of a file that is there. */
  sumOf(path: string): Promise<string>;
  /** The content of a file that was written. */
  read(path: string): AsyncIterable<Uint8Array>;
  makeFolder(path: string, options?: { check?: boolean }): Promise<void>;
  writeWhole: typeof writeWhole;
  writeLink(path: string, target: string): Promise<void>;
  setAttributes: typeof setAttributes;
}

/** Writes on this machine. */
export const HERE: FetchTarget = {
  lookAt,
  makeFolder,
  writeWhole,
  writeLink,
  setAttributes,
  readLink: Deno.readLink,
  sumOf: sumOfFile,
  read: readFile,
};

/** The content of a file, which is open only while it is read. */
async function* readFile(path: string): AsyncGenerator<Uint8Array, void> {
  yield* (await Deno.open(path)).readable;
}

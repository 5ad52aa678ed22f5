// What a fetch is about, and what comes of it.
import type { FetchArgs } from "../call/call.ts";

/** A fetch from one host. */
export interface Fetching {
  readonly args: FetchArgs;
  /** The host's name. */
  readonly host: string;
  /** The host's folder on this machine. */
  readonly folder: string;
  /** The name that SRC gets there; empty: its content goes there. */
  readonly name: string;
  readonly maxSize: number;
  /** What permissions are taken from what is written here. */
  readonly umask: number;
}

/** What a fetch did. */
export type Fetched = {
  changed: boolean;
  /** The path on this machine. */
  dest: string;
  /** How many files and links came. */
  files: number;
  /** How many bytes of content came. */
  bytes: number;
  /** What was not taken, in a sentence each. */
  warnings?: string[];
  failed?: boolean;
  msg?: string;
};

/** Permissions and time of a file that was fetched. */
export function attributesOf(
  { mode, mtime }: { mode: number; mtime: number },
  { args, umask }: Fetching,
): { mode: number; mtime: number | undefined } {
  // What runs with its owner's rights on a host shall not do so here.
  return args.preserve
    ? { mode: mode & 0o777, mtime }
    : { mode: mode & 0o777 & ~umask, mtime: undefined };
}

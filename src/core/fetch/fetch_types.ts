// The input of a fetch from one host, and its result.
import type { FetchArgs } from "../call/call.ts";
import type { FetchTarget } from "./fetch_target.ts";

/** A fetch from one host. */
export interface Fetching {
  readonly args: FetchArgs;
  /** The host's name. */
  readonly host: string;
  /** The host's folder on the controller. */
  readonly folder: string;
  /** The name of `src` there; empty when its content goes there. */
  readonly name: string;
  readonly maxSize: number;
  /** Whether the result names what was received. */
  readonly namesFiles: boolean;
  /** Write nothing, and report what would be written. */
  readonly check: boolean;
  /** The umask for the written files. */
  readonly umask: number;
  /** Where the files go. */
  readonly target: FetchTarget;
}

/** The result of a fetch from one host. */
export type Fetched = {
  changed: boolean;
  /** The path on the controller. */
  dest: string;
  /** How many files were received. */
  files: number;
  /** How many bytes of content were received. */
  bytes: number;
  /** What was received, below `dest`, from `-v` on: see `listPaths()`. */
  received?: string[];
  /** What would be written in check mode, below the host's folder, cut too. */
  would_write?: string[];
  /** The entries that were left out, one sentence each. */
  warnings?: string[];
  failed?: boolean;
  msg?: string;
};

/** Permissions and time of a file that was fetched. */
export function attributesOf(
  { mode, mtime }: { mode: number; mtime: number },
  { args, umask }: Fetching,
): { mode: number; mtime: number | undefined } {
  // Files of a host never get setuid or setgid bits here.
  return args.preserve
    ? { mode: mode & 0o777, mtime }
    : { mode: mode & 0o777 & ~umask, mtime: undefined };
}

// What a push is about, and what comes of it.
import type { PushArgs } from "../call/call.ts";
import type { Contents, FileSums, PushSource } from "./push_source.ts";

/** What a push has to do on each host. */
export interface Pushing {
  readonly source: PushSource;
  readonly args: PushArgs;
  /** Permissions of files; undefined: what the file has here or there. */
  readonly mode: number | undefined;
  readonly sums: FileSums;
  readonly contents: Contents;
}

/** What a push did on a host. */
export type Pushed = {
  changed: boolean;
  /** The path on the host. */
  dest: string;
  /** How many files and links were sent. */
  files: number;
  /** How many bytes of content were sent. */
  bytes: number;
};

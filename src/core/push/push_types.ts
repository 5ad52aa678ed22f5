// The input of a push on each host, and its result.
import type { JsonObject } from "../../protocol/message.ts";
import type { PushArgs } from "../call/call.ts";
import type { Contents, FileSums, PushSource } from "./push_source.ts";

/** A push, the same for all hosts. */
export interface Pushing {
  readonly source: PushSource;
  readonly args: PushArgs;
  /** Permissions of files; undefined: those of the file here or there. */
  readonly mode: number | undefined;
  readonly sums: FileSums;
  readonly contents: Contents;
  /** Whether results name what was sent. */
  readonly namesFiles: boolean;
  /** Change nothing. */
  readonly check: boolean;
  /** Show how text files differ. */
  readonly diff: boolean;
}

/** The result of a push on a host; see `listPaths()` for its lists. */
export type Pushed = {
  changed: boolean;
  /** The path on the host. */
  dest: string;
  /** How many files and links were sent. */
  files: number;
  /** How many bytes of content were sent. */
  bytes: number;
  /** What was sent, below `dest`, from `-v` on. */
  sent?: string[];
  sent_count?: number;
  /** In check mode: the paths that would be written. */
  would_write?: string[];
  would_write_count?: number;
  warnings?: string[];
  /** The differences of text files. */
  diff?: JsonObject[];
};

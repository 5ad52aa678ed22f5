// A call and its outcome. Both are plain data that survives JSON, because
// later they cross process and machine boundaries.
import type { Phase } from "../../errors.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";

/** One module with its arguments, one shell command, or one transfer of files. */
export interface Call {
  /** The module's name; null for a shell command. */
  readonly module: string | null;
  /** The module's arguments. */
  readonly args: JsonObject;
  /** What is done with files, when `module` is null; `args` say which. */
  readonly transfer?: "push" | "fetch";
  /** The shell command's words, when `module` is null. */
  readonly command?: readonly string[];
  /** Run the module as a native one, whatever it looks like. */
  readonly native?: boolean;
  /**
   * Run the module itself even where Ansible runs an action plugin of its name
   * on the controller.
   */
  readonly moduleOnly?: boolean;
  /** Run a Python module in an interpreter of its own, not in a warm one. */
  readonly fresh?: boolean;
  /** Change nothing; say what would be changed. */
  readonly check?: boolean;
  /** Ask the module for the differences that it makes. */
  readonly diff?: boolean;
  /** Variables for the module's process. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long the call may take on one host. Default: 900 000. */
  readonly timeoutMs?: number;
  /** Send what the module prints as `output` events. */
  readonly stream?: boolean;
  /** How much a module of Ansible's is to say, as `-v` counts. Default: 0. */
  readonly verbosity?: number;
  /** Mask everything that the call was given and gave back. */
  readonly noLog?: boolean;
  /** Names of arguments whose values are masked. */
  readonly secrets?: readonly string[];
}

/** How a call ended on one host. */
export type Status =
  | "ok"
  | "changed"
  | "failed"
  | "unreachable"
  | "timed_out"
  | "cancelled"
  | "skipped";

/** Why a call has no regular outcome. */
export interface HostError {
  kind: "connect" | "gate" | "call";
  phase: Phase;
  message: string;
  hint: string | null;
}

/** The one outcome of a call on one host. Its members are named as in JSON. */
export interface HostResult {
  host: string;
  status: Status;
  changed: boolean;
  /** The exit status; null when there was none. */
  rc: number | null;
  duration_ms: number;
  /** How long each phase took, by its name. */
  phases_ms: Record<string, number>;
  /** The object that the module printed; null when it printed none. */
  result: Json;
  /** What was printed, where that was not just the result. */
  stdout?: string;
  stderr?: string;
  error: HostError | null;
}

/** How many hosts ended how. */
export interface Summary {
  hosts: number;
  ok: number;
  changed: number;
  failed: number;
  unreachable: number;
  timed_out: number;
  cancelled: number;
  skipped: number;
}

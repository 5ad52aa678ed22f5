// A call and its results. Both are plain data that survives JSON, because they
// cross process and machine boundaries.
import type { Phase } from "../../errors.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";

/** What every call may add to what it does. */
export interface CallSettings {
  /** Change nothing; report what would change. Default: false. */
  readonly check?: boolean;
  /** Ask the module for the differences that it makes. Default: false. */
  readonly diff?: boolean;
  /** Environment variables for the module's process. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long the call may take on one host, in ms. Default: 900 000. */
  readonly timeoutMs?: number;
  /** Send what the module prints as `output` events. Default: false. */
  readonly stream?: boolean;
  /** The verbosity of an Ansible module, as `-v` counts. Default: 0. */
  readonly verbosity?: number;
  /** Mask everything that the call was given and gave back. Default: false. */
  readonly noLog?: boolean;
  /** Names of arguments whose values are masked. Default: none. */
  readonly secrets?: readonly string[];
}

/** One module with its arguments. */
export interface ModuleCall extends CallSettings {
  /** The module's name, or the path of its file. */
  readonly module: string;
  /** The module's arguments. Default: none. */
  readonly args?: JsonObject;
  /** Run the module as a native one, whatever it looks like. Default: false. */
  readonly native?: boolean;
  /**
   * Run the module itself even where Ansible runs an action plugin of its name
   * on the controller. Default: false.
   */
  readonly moduleOnly?: boolean;
  /** Run a Python module in its own interpreter, not in a warm one. Default: false. */
  readonly fresh?: boolean;
}

/** One shell command. */
export interface ShellCall extends CallSettings {
  /** Its words, which are joined with spaces and read by `/bin/sh`. */
  readonly command: readonly string[];
}

/** A file or folder of this machine, copied to the hosts. */
export interface PushCall extends CallSettings {
  /** What is copied, and where it goes. */
  readonly push: PushArgs;
}

/** A file or folder of the hosts, copied to this machine. */
export interface FetchCall extends CallSettings {
  /** What is copied, and where it goes. */
  readonly fetch: FetchArgs;
}

/** What a run does on each host: one module, command, push or fetch. */
export type Call = ModuleCall | ShellCall | PushCall | FetchCall;

/** How files are pushed. */
export interface PushArgs {
  /** A file or folder of this machine; with a final slash, its content. */
  src: string;
  /** Where it goes on the hosts. */
  dest: string;
  /** Permissions of files, in octal. Default: those of the file here or there. */
  mode?: string;
  /** The user that owns the files. Default: unchanged. */
  owner?: string;
  /** The group that owns the files. Default: unchanged. */
  group?: string;
  /** Keep permissions and times. Default: false. */
  preserve?: boolean;
  /** Make missing folders above DEST. Default: false. */
  parents?: boolean;
}

/** How files are fetched. */
export interface FetchArgs {
  /** A file or folder of the hosts; with a final slash, its content. */
  src: string;
  /** The folder of this machine that gets a folder for each host. */
  dest: string;
  /** Keep permissions and times. Default: false. */
  preserve?: boolean;
  /** The most that one host may send, in bytes. Default: 10 GiB. */
  max_size?: number;
}

/** What a call names, as `run_start` shows it. */
export interface CallName {
  /** Null for a shell command, and for files. */
  module: string | null;
  /** What is done with files. */
  transfer?: "push" | "fetch";
  /** The shell command's words. */
  command?: readonly string[];
}

/** Says what a call runs. */
export function nameOf(call: Call): CallName {
  if ("module" in call) return { module: call.module };
  if ("command" in call) return { module: null, command: call.command };
  return { module: null, transfer: "push" in call ? "push" : "fetch" };
}

/** The arguments of a call; those of a push or a fetch name files. */
export function argsOf(call: Call): JsonObject {
  if ("module" in call) return call.args ?? {};
  if ("push" in call) return { ...call.push };
  if ("fetch" in call) return { ...call.fetch };
  return {};
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

/** Why a call has no regular result. */
export interface HostError {
  /** What failed: reaching the host, its gate, or the call. */
  kind: "connect" | "gate" | "call";
  /** What was being done. */
  phase: Phase;
  /** What could not be done, and the state it met. */
  message: string;
  /** What to do about it; null when there is no advice. */
  hint: string | null;
}

/** The one result of a call on one host. Its members are named as in JSON. */
export interface HostResult {
  /** The host's name in the inventory. */
  host: string;
  /** How the call ended. */
  status: Status;
  /** Whether the call changed the host. */
  changed: boolean;
  /** The exit status; null when there was none. */
  rc: number | null;
  /** How long the host took, in ms. */
  duration_ms: number;
  /** How long each phase took, by its name. */
  phases_ms: Record<string, number>;
  /** The object that the module printed; null when it printed none. */
  result: Json;
  /** What was printed, where that was not just the result. */
  stdout?: string;
  /** What was printed on stderr, where that was not just the result. */
  stderr?: string;
  /** Why there is no regular result; null when there is one. */
  error: HostError | null;
}

/** The number of hosts by how their call ended. */
export interface Summary {
  /** All targeted hosts. */
  hosts: number;
  /** Ended without a change. */
  ok: number;
  /** Ended with a change. */
  changed: number;
  /** Failed. */
  failed: number;
  /** Could not be reached, or were lost. */
  unreachable: number;
  /** Passed their deadline. */
  timed_out: number;
  /** Were cancelled. */
  cancelled: number;
  /** Were skipped. */
  skipped: number;
}

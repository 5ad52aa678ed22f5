// A call and its results. Both are plain data that survives JSON, because they
// cross process and machine boundaries.
import type { Phase } from "../../errors.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";

/** Settings that every kind of call has. */
export interface CallSettings {
  /** Change nothing; report what would change. Default: false. */
  readonly check?: boolean;
  /** Ask the module for a diff of its changes. Default: false. */
  readonly diff?: boolean;
  /** Environment variables for the module's process. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** The deadline of the call on one host, in ms. Default: 900 000. */
  readonly timeoutMs?: number;
  /**
   * How many bytes of a host's output its result holds; at most 50 331 648.
   * Default: 33 554 432.
   */
  readonly maxOutput?: number;
  /** Send the module's output as `output` events while it runs. Default: false. */
  readonly stream?: boolean;
  /** The verbosity of an Ansible module, as `-v` counts. Default: 0. */
  readonly verbosity?: number;
  /** Mask all arguments and results of the call. Default: false. */
  readonly noLog?: boolean;
  /** Names of arguments whose values are masked. Default: none. */
  readonly secrets?: readonly string[];
}

/** How a module runs in the background of its hosts, as a job. */
export interface Background {
  /**
   * The name that the job has on all hosts: `j` and digits. A host adds a dot and
   * a process id.
   */
  readonly id: string;
  /** The time limit of the job, in ms. */
  readonly limitMs: number;
  /** How often to look for its result, in ms; 0 leaves the job running. */
  readonly pollMs: number;
}

/** One module with its arguments. */
export interface ModuleCall extends CallSettings {
  /** The module's name, or the path of its file. */
  readonly module: string;
  /** The module's arguments. Default: none. */
  readonly args?: JsonObject;
  /** Run the module as a native one, whatever its text looks like. Default: false. */
  readonly native?: boolean;
  /**
   * Run the module itself even where Ansible would run an action plugin of the
   * same name on the controller. Default: false.
   */
  readonly moduleOnly?: boolean;
  /**
   * Make the call even with arguments that the module does not take. Default: false.
   */
  readonly forceArgs?: boolean;
  /** Start a new interpreter for a Python module. Default: fork the gate's. */
  readonly fresh?: boolean;
  /** Run it as a job, which outlives the gate. Default: wait for the call. */
  readonly background?: Background;
  /**
   * Fill in the templates in the arguments (`{{ port + 1 }}`) from the variables
   * of each host, as `ansible` does. Default: false.
   */
  readonly render?: boolean;
  /** Names of arguments that are not templates. Default: none. */
  readonly literal?: readonly string[];
}

/** One shell command. */
export interface ShellCall extends CallSettings {
  /** The command's words, joined with spaces and run by `/bin/sh`. */
  readonly command: readonly string[];
  /**
   * The first word is a file of the controller, which runs on the hosts with the
   * other words as its arguments. Default: false.
   */
  readonly script?: boolean;
}

/** Copies a file or folder from the controller to the hosts. */
export interface PushCall extends CallSettings {
  /** The source, the destination, and how to copy. */
  readonly push: PushArgs;
}

/** Copies a file or folder of the hosts to the controller. */
export interface FetchCall extends CallSettings {
  /** The source, the destination, and how to copy. */
  readonly fetch: FetchArgs;
}

/** Opens the hosts and their gates, and does nothing there. */
export interface OpenCall extends CallSettings {
  /** Always true. */
  readonly open: true;
}

/** What a run does on each host: one module, shell command, push or fetch. */
export type Call = ModuleCall | ShellCall | PushCall | FetchCall | OpenCall;

/** The arguments of a push. */
export interface PushArgs {
  /** A file or folder on the controller; with a final slash, its content. */
  src: string;
  /** The destination on the hosts. */
  dest: string;
  /** Permissions of files, in octal. Default: those of the file here or there. */
  mode?: string;
  /** The user that owns the files. Default: unchanged. */
  owner?: string;
  /** The group that owns the files. Default: unchanged. */
  group?: string;
  /** Keep permissions and times. Default: false. */
  preserve?: boolean;
  /** Create the missing folders above `dest`. Default: false. */
  parents?: boolean;
  /** Remove what the pushed folder has and the source lacks. Default: false. */
  delete?: boolean;
}

/** The arguments of a fetch. */
export interface FetchArgs {
  /** A file or folder of the hosts; with a final slash, its content. */
  src: string;
  /** A folder on the controller; each host gets a folder of its own in it. */
  dest: string;
  /** Keep permissions and times. Default: false. */
  preserve?: boolean;
  /** The most bytes that one host may send. Default: 10 GiB. */
  max_size?: number;
}

/** What a call runs, as `run_start` shows it. */
export interface CallName {
  /** The module; null for a shell command, a push, a fetch and an opening. */
  module: string | null;
  /** Set for a push and a fetch. */
  transfer?: "push" | "fetch";
  /** Set for a run that only opens hosts. */
  open?: true;
  /** The shell command's words. */
  command?: readonly string[];
}

/** The name of what a call runs. */
export function nameOf(call: Call): CallName {
  if ("module" in call) return { module: call.module };
  if ("command" in call) return { module: null, command: call.command };
  if ("open" in call) return { module: null, open: true };
  return { module: null, transfer: "push" in call ? "push" : "fetch" };
}

/** The arguments of a call; empty for a shell command and an opening. */
export function argsOf(call: Call): JsonObject {
  if ("module" in call) return call.args ?? {};
  if ("push" in call) return { ...call.push };
  if ("fetch" in call) return { ...call.fetch };
  return {};
}

/** All statuses, in the order in which people see them: failures last. */
export const STATUSES = [
  "ok",
  "changed",
  "skipped",
  "failed",
  "timed_out",
  "unreachable",
  "cancelled",
] as const;

/** How a call ended on one host. */
export type Status = typeof STATUSES[number];

/** Why a call did not end normally. */
export interface HostError {
  /** What failed: the connection, the gate, or the call itself. */
  kind: "connect" | "gate" | "call";
  /** The phase in which it failed. */
  phase: Phase;
  /** What could not be done, and why. */
  message: string;
  /** What to do about it; null when there is no advice. */
  hint: string | null;
}

/** The one result of a call on one host, with the member names of the JSON. */
export interface HostResult {
  /** The host's name in the inventory. */
  host: string;
  /** How the call ended. */
  status: Status;
  /** Whether the call changed the host. */
  changed: boolean;
  /** The exit status; null for a call without one. */
  rc: number | null;
  /** How long the host took, in ms. */
  duration_ms: number;
  /** How long each phase took, by its name. */
  phases_ms: Record<string, number>;
  /** The object that the module printed; null when it printed none. */
  result: Json;
  /** The output without the result; absent when it is empty. */
  stdout?: string;
  /** The error output; absent when it is empty. */
  stderr?: string;
  /** Why the call did not end normally; null when it did. */
  error: HostError | null;
}

/** The number of hosts by the status of their result. */
export interface Summary {
  /** All targeted hosts. */
  hosts: number;
  /** Succeeded without a change. */
  ok: number;
  /** Succeeded with a change. */
  changed: number;
  /** Failed. */
  failed: number;
  /** Could not be reached, or were lost. */
  unreachable: number;
  /** Did not end by their deadline. */
  timed_out: number;
  /** Were cancelled. */
  cancelled: number;
  /** Were skipped. */
  skipped: number;
}

/** A summary of `hosts` hosts, none of which has ended yet. */
export function emptySummary(hosts: number): Summary {
  return {
    hosts,
    ok: 0,
    changed: 0,
    failed: 0,
    unreachable: 0,
    timed_out: 0,
    cancelled: 0,
    skipped: 0,
  };
}

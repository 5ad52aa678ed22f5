// The console's state between lines, the data that a line can read, and the
// effects that it can have. Plain data.
import type {
  Call,
  FetchCall,
  HostResult,
  PushCall,
} from "../../core/call/call.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import type { Format } from "../../output/renderer.ts";
import type { GateState } from "./gate_state.ts";

/** The state of a session between lines. */
export interface Session {
  /** The pattern of the chosen hosts, for the prompt. */
  readonly pattern: string;
  /** The chosen hosts, in the order of the inventory. */
  readonly hosts: readonly string[];
  readonly settings: Settings;
  /** The last call. */
  readonly last?: LastRun;
}

/** Settings of every call. */
export interface Settings
  extends Pick<Call, "check" | "diff" | "stream" | "timeoutMs"> {
  /** Whether calls run as another user; absent: the inventory decides. */
  readonly become?: Becoming;
  readonly format: Format;
  /** The columns of a table. */
  readonly columns?: readonly string[];
  /** How many gates may be open at once. */
  readonly fanout: number;
  /** Ask before a call on more hosts than this; absent: never. */
  readonly confirm?: number;
  /** Modules run as jobs with this time limit, in ms; absent: calls are waited for. */
  readonly backgroundMs?: number;
}

/** Whether calls run as another user; `user` overrides the inventory. */
export interface Becoming {
  readonly enabled: boolean;
  readonly user?: string;
}

type Start = Extract<RunEvent, { event: "run_start" }>;
type End = Extract<RunEvent, { event: "run_end" }>;

/** A finished call, as events. */
export interface LastRun {
  readonly start: Start;
  readonly results: ReadonlyMap<string, HostResult>;
  readonly end: End;
  /** It asked hosts for their jobs. */
  readonly listsJobs?: boolean;
}

/** The hosts that `--limit` allows a session to choose. */
export interface HostLimit {
  readonly pattern: string;
  readonly hosts: ReadonlySet<string>;
}

/** The data that a line can read. */
export interface World {
  readonly limit?: HostLimit | undefined;
  readonly inventory: Inventory;
  /** The hosts of each `@name` in the line's pattern. */
  readonly references: ReadonlyMap<string, readonly string[]>;
  /** The hosts for which each `{expression}` of the line's pattern holds. */
  readonly expressions: ReadonlyMap<string, ReadonlySet<string>>;
  readonly gates: ReadonlyMap<string, GateState>;
  /** Texts that must not be shown. */
  readonly secrets: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** An effect of a line, for the executor. */
export type Effect =
  /** Call a module; `listsJobs`: show the jobs that hosts list. */
  | { do: "call"; module: string; text: string; listsJobs?: boolean }
  | { do: "exec"; command: string }
  | { do: "transfer"; call: PushCall | FetchCall }
  /**
   * Show the events of a run; `whole`: in full; `compares`: their differences;
   * `listsJobs`: as the jobs that hosts list.
   */
  | {
    do: "show";
    events: readonly RunEvent[];
    whole: boolean;
    compares?: boolean;
    listsJobs?: boolean;
  }
  /** Give a text, or a run as a document, to a program here or to a new file. */
  | { do: "give"; content: readonly RunEvent[] | string; to: Target }
  | { do: "say"; text: string }
  /** Say it, page by page where it is long. */
  | { do: "page"; text: string }
  /** Open gates; `wait`: until each one has opened or failed. */
  | { do: "open"; hosts: readonly string[]; wait: boolean }
  | { do: "close"; hosts: readonly string[] }
  | { do: "fanout"; hosts: number }
  | { do: "become"; become: Becoming }
  | { do: "source" | "save"; file: string }
  | { do: "doc"; module: string }
  | { do: "quit" };

/** Where results go: a command of this machine, or a file. */
export type Target = { readonly command: string } | { readonly file: string };

/** The next session, and the effects of the line. */
export interface Step {
  readonly session: Session;
  readonly effects: readonly Effect[];
}

/** A step that only prints. */
export function say(session: Session, text: string): Step {
  return { session, effects: [{ do: "say", text }] };
}

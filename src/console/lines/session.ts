// What the console remembers from line to line, what a line may look at, and
// what may have to be done because of it. Plain data.
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

/** What a session remembers from line to line. */
export interface Session {
  /** What the prompt shows of the choice of hosts. */
  readonly pattern: string;
  /** The chosen hosts, in the order of the inventory. */
  readonly hosts: readonly string[];
  readonly settings: Settings;
  /** The last call that was made. */
  readonly last?: LastRun;
}

/** What holds for every call. */
export interface Settings
  extends Pick<Call, "check" | "diff" | "stream" | "timeoutMs"> {
  /** Whether calls run as another user; absent: what the inventory says. */
  readonly become?: Becoming;
  readonly format: Format;
  /** The columns of a table. */
  readonly columns?: readonly string[];
  /** How many hosts are open at once. */
  readonly fanout: number;
}

/** Whether calls run as another user, and as whom unless hosts say it. */
export interface Becoming {
  readonly enabled: boolean;
  readonly user?: string;
}

type Start = Extract<RunEvent, { event: "run_start" }>;
type End = Extract<RunEvent, { event: "run_end" }>;

/** A call that was made, as events. */
export interface LastRun {
  readonly start: Start;
  readonly results: ReadonlyMap<string, HostResult>;
  readonly end: End;
}

/** What a session may look at. */
export interface World {
  readonly inventory: Inventory;
  /** What the line's pattern refers to, by lines. */
  readonly references: ReadonlyMap<string, readonly string[]>;
  readonly gates: ReadonlyMap<string, GateState>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is to be done because of a line. */
export type Effect =
  | { do: "call"; module: string; text: string }
  | { do: "exec"; command: string }
  | { do: "transfer"; call: PushCall | FetchCall }
  /** Show the events of a run; `whole`: cut nothing. */
  | { do: "show"; events: readonly RunEvent[]; whole: boolean }
  | { do: "say"; text: string }
  /** Open gates; `wait`: until each has opened or failed. */
  | { do: "open"; hosts: readonly string[]; wait: boolean }
  | { do: "close"; hosts: readonly string[] }
  | { do: "fanout"; hosts: number }
  | { do: "become"; become: Becoming }
  | { do: "source" | "save"; file: string }
  | { do: "doc"; module: string }
  | { do: "quit" };

/** The next session, and what is to be done. */
export interface Step {
  readonly session: Session;
  readonly effects: readonly Effect[];
}

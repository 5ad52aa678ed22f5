// What the executor of a session is given: the fleet, and ways to read, to ask and
// to show.
import type { Background, Call, Summary } from "../../core/call/call.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import type { HostFleet } from "../../core/fleet/host_fleet.ts";
import type { DataReading } from "../../core/input/argument_file.ts";
import type { Engine } from "../../core/run/engine.ts";
import type { RolloutOptions } from "../../core/run/rollout.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import type { HostLimit, Session, Settings } from "../lines/session.ts";
import type { GateStatus } from "./gate_status.ts";

/** What an executor needs. */
export interface ExecutorOptions {
  readonly inventory: Inventory;
  readonly fleet: HostFleet;
  /** The hosts that may be chosen. Default: all. */
  readonly limit?: HostLimit | undefined;
  readonly gates: GateStatus;
  /** Makes the calls on other machines, where then all gates are. */
  readonly workers?: Pick<Engine, "run"> | undefined;
  /** The session at the start. */
  readonly session: Session;
  /** Options of every call besides the session's settings. */
  readonly call: Partial<Call>;
  /** Whether templates in arguments are filled in. Default: true. */
  readonly render?: boolean | undefined;
  /** Batches, and how many hosts may fail. */
  readonly rollout?: RolloutOptions;
  /** Keep `invocation` in results. */
  readonly keepInvocation: boolean;
  /** Open the gates of hosts as soon as they are chosen. */
  readonly opensAhead: boolean;
  readText(path: string): Promise<string>;
  /** How files of arguments are read. */
  readonly dataReading?: DataReading;
  /** Reads the hosts of `@name`s in a pattern, given without their `@`. */
  readReferences(names: readonly string[]): Promise<Map<string, string[]>>;
  /** Writes a file that must not exist yet. */
  writeNew(path: string, text: string): Promise<void>;
  /** Shows a line of a file before it runs. */
  echo(line: string): void;
  /** Reports the line at which a file stopped. */
  onStop(place: string): void;
  /** Prints text of the console itself. */
  say(text: string): void;
  /** Prints text that may be long, for a user who types lines. */
  page(text: string): Promise<void>;
  /** Asks for become passwords; after `renew`, unanswered questions are asked again. */
  readonly becomeAsking?: {
    readonly ask: NonNullable<HostFleet["become"]["ask"]>;
    renew(): void;
  };
  /**
   * Asks whether a call may run on `count` hosts when that is more than
   * `confirm`.
   */
  mayRunOn(
    count: number,
    confirm: number | undefined,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Starts a run and shows it in the chosen format; resolves to its summary. */
  show(
    start: (signal: AbortSignal) => AsyncIterable<RunEvent>,
    how: HowToShow,
  ): Promise<Summary>;
  /** Returns a run as a JSON document. */
  document(events: AsyncIterable<RunEvent>): Promise<string>;
  /** Runs a command of this machine with a text on its stdin. */
  feed(command: string, text: string, signal: AbortSignal): Promise<void>;
  /** Returns a module's documentation as text. */
  documentation(module: string): Promise<string>;
}

/** How a run is shown. */
export interface HowToShow {
  readonly settings: Settings;
  /** In full. */
  readonly whole: boolean;
  /** How results differ from the most frequent one. */
  readonly compares: boolean;
  /** It runs now, and is not shown again. */
  readonly isNew: boolean;
  /** As the jobs that hosts list. */
  readonly listsJobs: boolean;
  /** It starts this job. */
  readonly background?: Background;
  /** Cancels the run, and ends printing. */
  readonly signal: AbortSignal;
}

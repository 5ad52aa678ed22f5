// What workers say of the hosts of a run, as its sender takes it: events, and one result
// for each host, from the worker that has begun it.
import type { Host } from "../../../inventory/inventory.ts";
import type { JsonObject } from "../../../protocol/message.ts";
import type { HostResult } from "../../call/call.ts";
import type { RunEvent } from "../../call/run_event.ts";
import type { RunPlan } from "../../run/plan_run.ts";
import type { FetchReceiving } from "../files/fetch_receiving.ts";
import type { LogLine } from "../messages/log_entry.ts";
import type { LogPlan } from "../messages/log_plan.ts";
import { openEntry } from "../messages/open_entry.ts";
import { readResult } from "../messages/read_result.ts";
import { readEventLine, readLearned } from "../messages/received_event.ts";
import { lostResult } from "../reports/lost_host.ts";
import { PendingWork } from "../reports/pending_work.ts";
import type { RunPacking } from "../trust/run_packing.ts";
import { mergeMasked } from "./merge_masked.ts";
import type { RunProgress } from "./run_progress.ts";
import { ToldPhases } from "./told_phases.ts";

/** Of how many hosts files may be on their way. */
const MOST_FETCHING = 50;

/** The run that is reported. */
export interface RunReportsOptions {
  readonly hosts: readonly Host[];
  readonly plan: RunPlan;
  readonly logs: LogPlan;
  readonly progress: RunProgress;
  readonly fetched: FetchReceiving;
  /** The time since the start of the run, in ms. */
  readonly now: () => number;
  readonly emit: (event: RunEvent) => void;
  /** Takes the result of a host. */
  readonly finish: (index: number, result: HostResult) => void;
}

/** Takes the entries of the logs of one run. */
export class RunReports {
  readonly #options: RunReportsOptions;
  readonly #fetching = new PendingWork();
  /** Hosts whose files are being written, or are. */
  readonly #fetched = new Set<number>();
  readonly #phases = new ToldPhases();
  #args: JsonObject | undefined;
  /** The numbers of the hosts by their names. */
  #indexes: ReadonlyMap<string, number> | undefined;

  constructor(options: RunReportsOptions) {
    this.#options = options;
  }

  /** The arguments, masked with what results have shown to be secret. */
  get args(): JsonObject | undefined {
    return this.#args;
  }

  /** Whether a host has told all, and its files are being written. */
  isFetching(index: number): boolean {
    return this.#fetched.has(index);
  }

  /**
   * Takes an entry.
   *
   * @param open Opens a message of a worker of the run.
   * @throws {FtlError} when nobody vouches for it, or it is malformed.
   */
  async take(
    log: number,
    data: Uint8Array,
    open: RunPacking["open"],
  ): Promise<void> {
    const { logs, progress, hosts, finish } = this.#options;
    const entry = await openEntry(data, open);
    const { owner } = entry;
    const isOpen = (index: number) =>
      logs.has(log, index) && progress.isOpen(index) &&
      !this.isFetching(index); // an entry may come again
    // A worker tells nothing of hosts that another one has begun.
    const isTold = (index: number) =>
      isOpen(index) && progress.mayTell(index, owner);
    for (const index of entry.begin) {
      if (isOpen(index)) progress.begin(index, owner);
    }
    for (const line of entry.events) this.#tell(line, { owner, isTold });
    for (const index of entry.lost) {
      if (isOpen(index)) finish(index, lostResult(hosts[index]!.name));
    }
    for (const { index, text } of entry.results) {
      if (!isTold(index)) continue;
      this.#result({ index, text }, owner);
      await this.#fetching.below(MOST_FETCHING);
    }
  }

  #result({ index, text }: LogLine, owner: string): void {
    const { hosts, fetched, finish, now, emit } = this.#options;
    const { result, files } = readResult(text, hosts[index]!.name);
    const untold = this.#phases.untold(result, { t: now(), owner });
    for (const event of untold) emit(event);
    if (files === undefined) return finish(index, result);
    this.#fetched.add(index);
    // Files are written while other events come.
    const written = fetched.take(result, files);
    this.#fetching.add(written.then((whole) => finish(index, whole)));
  }

  #tell(
    line: string,
    { owner, isTold }: { owner: string; isTold: (index: number) => boolean },
  ): void {
    const { plan, now, emit } = this.#options;
    const learned = readLearned(line);
    if (learned !== undefined) {
      const shown = this.#args ?? plan.mask.args(plan.args);
      this.#args = mergeMasked(shown, learned) as JsonObject;
      return;
    }
    const isOwn = (host: string) => isTold(this.#indexOf(host));
    const event = readEventLine(line, { t: now(), isOwn });
    if (event === undefined) return;
    this.#phases.note(event, owner);
    emit(event);
  }

  /** The number of a host; -1 when it is not in the run. */
  #indexOf(host: string): number {
    const { hosts } = this.#options;
    this.#indexes ??= new Map(hosts.map(({ name }, index) => [name, index]));
    return this.#indexes.get(host) ?? -1;
  }
}

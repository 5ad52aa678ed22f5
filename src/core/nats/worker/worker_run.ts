// One run, as a worker takes part in it: makes the call on the hosts of its chunks
// and stores what happens there in the stream of events.
import { untilAbort } from "../../../async/abort.ts";
import {
  CallError,
  ConnectError,
  FtlError,
  GateError,
  messageOf,
} from "../../../errors.ts";
import { fail } from "../../actions/action_result.ts";
import type { HostResult } from "../../call/call.ts";
import type { RunEvent } from "../../call/run_event.ts";
import type { HostFleet } from "../../fleet/host_fleet.ts";
import {
  CANCELLED_EARLY,
  judgeError,
  untimed,
} from "../../result/host_result.ts";
import type { ReceivedFiles } from "../../run/received_files.ts";
import { run } from "../../run/run.ts";
import { FetchedFiles } from "../files/fetched_files.ts";
import {
  ChunkReports,
  type ChunkReportsOptions,
} from "../reports/chunk_reports.ts";
import { BegunElsewhere } from "../reports/lost_host.ts";
import { PendingWork } from "../reports/pending_work.ts";
import { UnreportedHosts } from "../reports/unreported_hosts.ts";
import type { ReceivedSources, TakenSource } from "../files/received_source.ts";
import type { SentBody, SentHost } from "../messages/sent_call.ts";
import type { ContentStore, SentContent } from "../files/sent_content.ts";
import {
  type BeginLimit,
  lateAtWorker,
  type NotBegunInTime,
} from "../messages/begin_limit.ts";
import { receivedHost } from "../messages/sent_hosts.ts";
import { checkSendable } from "../messages/sendable.ts";
import type { SenderWatch } from "../messages/sender_watch.ts";

/** How long hosts of a chunk may take to open until the next one is taken anyway. */
const SLOW_MS = 5_000;

/** A chunk that a worker has taken. */
export interface TakenChunk {
  /** The log of its hosts. */
  readonly log: number;
  /** Until when its hosts may begin. Default: always. */
  readonly limit: BeginLimit | undefined;
  readonly body: SentBody;
}

/** The parts of a run at a worker. */
export interface WorkerRunOptions
  extends Omit<ChunkReportsOptions, "signal" | "log" | "limit" | "hosts"> {
  /** Opens a fleet without hosts for the calls of the run. */
  readonly openFleet: (body: SentBody) => Promise<HostFleet>;
  readonly watch: SenderWatch;
  /** What the sender sends along. */
  readonly sources: ReceivedSources;
  /** Makes a store for what is fetched from a host. */
  readonly makeStore: () => ContentStore;
}

/** A run that a worker takes part in. */
export class WorkerRun {
  readonly #options: WorkerRunOptions;
  readonly #signal: AbortSignal;
  readonly #running = new Set<number>();
  readonly #chunks = new Set<ChunkCall>();
  #fleet: Promise<HostFleet> | undefined;

  constructor(options: WorkerRunOptions) {
    const { watch, stop } = options;
    this.#options = options;
    this.#signal = AbortSignal.any([watch.gone, stop]);
  }

  /** Whether a host's call or result is under way here. */
  runs(index: number): boolean {
    return this.#running.has(index);
  }

  /** How many hosts are under way here. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * How many hosts are about to begin. Those of a chunk that was taken long ago are
   * slow to open, and keep nobody else from that.
   */
  get opening(): number {
    const now = performance.now();
    return this.#chunks.values().reduce(
      (sum, { reports, takenAt }) =>
        now - takenAt < SLOW_MS ? sum + reports.opening : sum,
      0,
    );
  }

  /** Makes the call on a chunk of hosts; resolves when all results are stored. */
  async take({ log, limit, body }: TakenChunk): Promise<void> {
    const { hosts } = body;
    for (const { index } of hosts) this.#running.add(index);
    const reports = new ChunkReports({
      ...this.#options,
      ...{ log, limit, hosts: hosts.length, signal: this.#signal },
    });
    const chunk = new ChunkCall(body, this.#options, reports);
    this.#chunks.add(chunk);
    try {
      const late = lateAtWorker(limit);
      if (late === undefined) await this.#call(chunk);
      else this.#tellLate(chunk, late); // no host is contacted
      await chunk.settled();
    } catch (cause) {
      const unreported = hosts.filter(({ index }) => reports.lacks(index));
      throw new UnreportedHosts(unreported.map(({ name }) => name), cause);
    } finally {
      const fleet = await this.#fleet?.catch(() => undefined);
      fleet?.remove(hosts.map(({ name }) => name));
      chunk.release();
      for (const { index } of hosts) this.#running.delete(index);
      this.#chunks.delete(chunk);
    }
  }

  /** Closes the hosts. */
  async close(): Promise<void> {
    this.#options.watch.close();
    this.#options.noted?.close();
    this.#options.sources.close();
    const fleet = await this.#fleet?.catch(() => undefined);
    await fleet?.close();
  }

  async #call(chunk: ChunkCall): Promise<void> {
    const { writer: { worker } } = this.#options;
    try {
      const fleet = await this.#fleetFor(chunk.body);
      // The sender has done so too, if it is an honest one.
      await checkSendable(chunk.body.call, fleet);
      try {
        for await (const event of chunk.events(fleet, this.#signal)) {
          this.#follow(event, chunk);
        }
      } finally {
        chunk.tellLast();
      }
    } catch (cause) {
      // No host was contacted: the call could not be planned here.
      const error = new GateError(
        `Cannot make the call on the worker ${worker}: ${messageOf(cause)}`,
        { phase: "upload", cause },
      );
      for (const host of chunk.unfinished) {
        this.#report(host, judgeError(error, untimed(host.name)), chunk);
      }
    }
  }

  /** Tells of hosts for which it is too late. */
  #tellLate(chunk: ChunkCall, late: NotBegunInTime): void {
    for (const host of chunk.unfinished) {
      // This worker may have begun it before it was started again.
      const hasBegun = this.#options.noted?.has(host.index) ?? false;
      const error = hasBegun ? new BegunElsewhere() : late;
      this.#report(host, judgeError(error, untimed(host.name)), chunk);
    }
  }

  /** Opened at the first chunk; the settings are the same in all of a run. */
  async #fleetFor(body: SentBody): Promise<HostFleet> {
    this.#fleet ??= this.#options.openFleet(body);
    const fleet = await this.#fleet;
    fleet.add(body.hosts.map(receivedHost));
    return fleet;
  }

  #follow(event: RunEvent, chunk: ChunkCall): void {
    if (event.event === "run_start") return;
    if (event.event === "run_end") {
      if (event.args === undefined) return;
      return chunk.reports.event({ event: "learned", args: event.args });
    }
    if (event.event !== "result") return chunk.reports.event(event);
    const { event: _event, t: _t, ...result } = event;
    const host = chunk.finish(result.host);
    const tell = () => this.#report(host, result, chunk);
    if (chunk.unfinished.length > 0) tell();
    else chunk.tellLast = tell;
  }

  #report(host: SentHost, found: HostResult, chunk: ChunkCall): void {
    const result = this.#toldOf(found);
    const fetched = chunk.fetched.get(host.name);
    if (fetched === undefined) return chunk.reports.report(host, result);
    chunk.sending.add(this.#sendFiles(host, result, chunk, fetched));
  }

  /** A result, with the reason why this worker has cancelled the call. */
  #toldOf(result: HostResult): HostResult {
    const { watch, stop, writer: { worker } } = this.#options;
    const { status, error, duration_ms, phases_ms } = result;
    if (status !== "cancelled" || error === null) return result;
    if (watch.why !== undefined) {
      const message = `${watch.why}. ${error.message}`;
      return { ...result, error: { ...error, message } };
    }
    if (!stop.aborted || watch.gone.aborted) return result;
    // Nobody has cancelled the run: to its sender, the host is lost.
    const hasBegun = error.message !== CANCELLED_EARLY;
    const cause = new ConnectError(
      `The worker ${worker} was stopped ${
        hasBegun ? "during the call" : "before the call began"
      }`,
      {
        phase: hasBegun ? "call" : "start",
        hint: hasBegun
          ? "Look at the host before you run it again"
          : "Run it again on this host",
      },
    );
    const { host } = result;
    return judgeError(cause, { host, duration_ms, phases_ms });
  }

  /** Reports a result, after the files that were fetched. */
  async #sendFiles(
    host: SentHost,
    result: HostResult,
    chunk: ChunkCall,
    fetched: FetchedFiles,
  ): Promise<void> {
    const { lateObjects, makeStore } = this.#options;
    const store = makeStore();
    let whole = result;
    try {
      lateObjects.throwIfAborted();
      const files = await untilAbort(fetched.send(store), lateObjects);
      if (files !== undefined) whole = { ...result, ...{ files } };
    } catch (cause) {
      // The server forgets in a week what is left.
      await untilAbort(store.clear(), lateObjects).catch(() => {});
      const error = new CallError(
        `Cannot send the files of ${host.name}: ${messageOf(cause)}`,
        { cause },
      );
      const { duration_ms, phases_ms } = result;
      whole = judgeError(error, { host: host.name, duration_ms, phases_ms });
    } finally {
      fetched.close();
      chunk.fetched.delete(host.name);
    }
    chunk.reports.report(host, whole);
  }
}

/** A chunk while its call is made. */
class ChunkCall {
  readonly body: SentBody;
  readonly reports: ChunkReports;
  readonly takenAt = performance.now();
  /** Files that were fetched, on their way. */
  readonly sending = new PendingWork();
  /** What is fetched from hosts, by their names. */
  readonly fetched = new Map<string, FetchedFiles>();
  /**
   * Tells the last result. The sender needs nothing after it, so it waits for what the
   * call has learned.
   */
  tellLast = () => {};
  readonly #options: WorkerRunOptions;
  readonly #unfinished: Map<string, SentHost>;
  /** The files of single hosts that were taken. */
  readonly #taken: TakenSource[] = [];

  constructor(
    body: SentBody,
    options: WorkerRunOptions,
    reports: ChunkReports,
  ) {
    this.body = body;
    this.reports = reports;
    this.#options = options;
    this.#unfinished = new Map(body.hosts.map((host) => [host.name, host]));
  }

  /** Hosts without a result. */
  get unfinished(): SentHost[] {
    return [...this.#unfinished.values()];
  }

  /** Takes a host from those without a result. */
  finish(name: string): SentHost {
    const host = this.#unfinished.get(name)!;
    this.#unfinished.delete(name);
    return host;
  }

  events(fleet: HostFleet, signal: AbortSignal): AsyncIterable<RunEvent> {
    const { call, settings, hosts } = this.body;
    const byName = new Map(hosts.map((host) => [host.name, host]));
    const isModule = "module" in call;
    const common = isModule ? call.args ?? {} : {};
    return run(fleet, isModule ? { ...call, ...AS_SENT } : call, {
      hosts: hosts.map(({ name }) => name),
      keepOpen: false,
      keepsResults: false,
      savesHints: false,
      keepInvocation: settings.keepInvocation,
      received: this.#received(byName, signal),
      ...(isModule && {
        ownArguments: ({ name }) => {
          const { args, secrets = [] } = byName.get(name)!;
          // Hosts share a mask with the arguments, so secrets need their own.
          const own = args ?? (secrets.length > 0 ? { ...common } : common);
          return { args: own, secrets };
        },
      }),
      begin: (name) => this.reports.begin(byName.get(name)!.index),
      signal,
    });
  }

  /** The files of the sender, in place of those of this machine. */
  #received(
    byName: ReadonlyMap<string, SentHost>,
    signal: AbortSignal,
  ): ReceivedFiles {
    const { body } = this;
    const take = async (sent: SentContent | undefined) => {
      if (sent === undefined) {
        throw new FtlError("Its files were not sent along");
      }
      const taken = this.#options.sources.take(sent);
      // Those for all hosts are kept until the run ends.
      if (sent !== body.files) this.#taken.push(taken);
      return await untilAbort(taken.source, signal);
    };
    return {
      target: (host) => {
        const files = new FetchedFiles();
        this.fetched.set(host, files);
        return files;
      },
      push: async () => {
        const source = await take(body.files);
        if ("push" in source) return source.push;
        throw new FtlError("Its files are not those of a push");
      },
      local: async (host) => {
        const source = await take(byName.get(host)?.files ?? body.files);
        if ("fault" in source) fail(source.fault);
        if (!("push" in source)) return source;
        throw new FtlError("Its files are those of a push");
      },
    };
  }

  /** Lets go of the files of single hosts. */
  release(): void {
    for (const taken of this.#taken) taken.release();
  }

  /** Waits until everything is stored. */
  async settled(): Promise<void> {
    try {
      await this.sending.settled();
    } finally {
      await this.reports.settled();
    }
  }
}

/** The sender has checked and rendered the arguments. */
const AS_SENT = { render: false, forceArgs: true } as const;

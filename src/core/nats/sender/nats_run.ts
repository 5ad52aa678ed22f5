// One run over NATS, as its sender sees it: sends chunks of hosts as workers have
// room, reads what happens there, and gives every host one result.
import { NEVER } from "../../../async/abort.ts";
import { EventQueue } from "../../../async/event_queue.ts";
import { within } from "../../../async/deadline.ts";
import {
  emptySummary,
  type HostResult,
  type Summary,
} from "../../call/call.ts";
import type { RunEvent } from "../../call/run_event.ts";
import {
  type CallContext,
  CANCELLED_LATE,
  judgeCancelled,
  judgeError,
  untimed,
} from "../../result/host_result.ts";
import { startOf } from "../../run/plan_run.ts";
import { Rollout, type RolloutOptions } from "../../run/rollout.ts";
import { ChunkSending, type ChunkSendingOptions } from "./chunk_sending.ts";
import { FetchReceiving } from "../files/fetch_receiving.ts";
import { CALLS, SUBJECTS } from "../server/nats_subjects.ts";
import type { ContentStore } from "../files/sent_content.ts";
import { publishStored } from "../server/publish_stored.ts";
import { readRun, type RunMessage } from "../server/run_messages.ts";
import { LostChunks } from "./lost_chunks.ts";
import { RunProgress } from "./run_progress.ts";
import { RunWorkers } from "./run_workers.ts";
import { LogPlan } from "../messages/log_plan.ts";
import { readRefusal } from "../messages/received_note.ts";
import type { StartMembers } from "../messages/received_run.ts";
import { siteOf } from "../messages/sent_hosts.ts";
import { type RunPacking, senderPacking } from "../trust/run_packing.ts";
import type { RunSigner } from "../trust/signed_message.ts";
import { RunReports } from "./run_reports.ts";
import { RunRefusals } from "./run_refusals.ts";
import { TakenBack } from "../reports/taken_back.ts";
import { encodeNats } from "../server/encode_nats.ts";

/** How long workers may take to confirm a cancel. */
const CANCEL_MS = 2_500;
/** How long the messages of an end may take. */
const END_MS = 2_000;

/** A run that is ready to be sent. */
export interface NatsRunOptions extends
  RolloutOptions,
  Omit<
    ChunkSendingOptions,
    | "run"
    | "rollout"
    | "progress"
    | "logs"
    | "signer"
    | "over"
    | "finish"
    | "onWait"
  > {
  /** Where its files are; emptied when it ends. */
  readonly store: ContentStore;
}

/** A run over NATS. */
export class NatsRun {
  readonly id = crypto.randomUUID();
  readonly #options: NatsRunOptions;
  readonly #events = new EventQueue<RunEvent>();
  readonly #logs: LogPlan;
  readonly #progress: RunProgress;
  readonly #rollout: Rollout;
  readonly #sending: ChunkSending;
  readonly #refusals: RunRefusals;
  readonly #reports: RunReports;
  readonly #lostChunks: LostChunks;
  readonly #signer: () => Promise<RunSigner>;
  readonly #packing: () => Promise<RunPacking>;
  readonly #takenBack: TakenBack;
  #workers: RunWorkers | undefined;
  /** Resolves when nobody reads the events any more. */
  readonly #unread = Promise.withResolvers<void>();
  /** Resolves when the workers were told of the cancel. */
  #cancelled: Promise<void> | undefined;
  readonly #summary: Summary;
  readonly #began = performance.now();
  /** Ends what goes on in the background. */
  readonly #over = new AbortController();
  readonly #allDone = Promise.withResolvers<void>();
  #isCancelled = false;
  /** Whether the reading waits until events are taken. */
  #isHeldUp = false;

  constructor(options: NatsRunOptions) {
    const { hosts, fleet, serial, maxFail } = options;
    this.#options = options;
    const { link, known } = options.sender.options;
    const run = this.id;
    const progress = this.#progress = new RunProgress(hosts.length);
    const logs = this.#logs = LogPlan.of(hosts.map(siteOf));
    this.#summary = emptySummary(hosts.length);
    this.#rollout = new Rollout({
      ...{ serial, maxFail },
      hosts: hosts.length,
      fanout: fleet.fanout,
    });
    // The user's key signs once for the run; then the run's own key signs.
    let signing: Promise<RunSigner> | undefined;
    this.#signer = () => signing ??= options.sender.signer(this.id);
    let packing: Promise<RunPacking> | undefined;
    this.#packing = () => packing ??= this.#makePacking();
    this.#takenBack = new TakenBack({
      ...{ link, run, logs },
      packing: this.#packing,
    });
    this.#sending = new ChunkSending({
      ...options,
      ...{ run, progress, logs },
      rollout: this.#rollout,
      signer: this.#signer,
      over: this.#over.signal,
      finish: async (index, result) => {
        if (!options.detached) this.#finish(index, result);
        else {
          const { signal } = this.#over;
          await this.#takenBack.take([index], () => result, signal);
        }
      },
      onWait: (why) => this.#say(`NATS does not take the calls: ${why}`),
    });
    this.#refusals = new RunRefusals({
      ...{ link, known, run, progress },
      takeBack: async (indexes, cause) => {
        const resultOf = (index: number) =>
          judgeError(cause, this.#blank(index));
        await this.#takenBack.take(indexes, resultOf, this.#over.signal);
      },
    });
    this.#reports = new RunReports({
      ...{ hosts, plan: options.plan, logs, progress },
      fetched: new FetchReceiving(
        options.sender.files,
        options.plan.call,
        this.#over.signal,
      ),
      now: () => this.#now,
      emit: (event) => this.#events.push(event),
      finish: (index, result) => this.#finish(index, result),
    });
    this.#lostChunks = new LostChunks({
      ...{ link, run, progress, takenBack: this.#takenBack },
      nameOf: (index) => hosts[index]!.name,
      isFetching: (index) => this.#reports.isFetching(index),
      isHeldUp: () => this.#isHeldUp,
      reasonsOf: (chunk) => this.#refusals.reasonsOf(chunk),
    });
    if (hosts.length === 0) this.#allDone.resolve();
  }

  /**
   * Sends the run and yields its events. Ending the iteration early cancels it.
   *
   * @throws {FtlError} when it cannot be sent.
   */
  async *events(): AsyncGenerator<RunEvent, void, void> {
    const { signal } = this.#options;
    const start = this.#start;
    await this.#publish("start", { ...start, logs: this.#logs.sent });
    yield start;
    const workers = this.#workers = this.#watchWorkers();
    const work = this.#work();
    let isOver = false;
    try {
      yield* this.#events;
      await work;
      isOver = true;
      const end: RunEvent = {
        event: "run_end",
        t: this.#now,
        summary: this.#summary,
        duration_ms: this.#now,
        ...(this.#reports.args && { args: this.#reports.args }),
      };
      await this.#publishEnd(end);
      yield end;
    } finally {
      if (!isOver) {
        this.#cancel();
        await this.#withdraw();
        this.#unread.resolve();
        await work.catch(() => {}); // nobody reads any more
      }
      this.#over.abort(signal.reason);
      workers.close();
      await this.#options.store.clear();
    }
  }

  /**
   * Sends the whole run, which goes on without this process.
   *
   * @throws {FtlError} when it cannot be sent.
   */
  async detach(): Promise<void> {
    const logs = this.#logs.sent;
    const { limit } = this.#options;
    const about = { detached: true, limit, logs };
    await this.#publish("start", { ...this.#start, ...about });
    await this.#sending.send();
    const workers = this.#watchWorkers();
    await workers.tellMissing().finally(() => workers.close());
    this.#over.abort();
  }

  async #makePacking(): Promise<RunPacking> {
    return await senderPacking(this.#options.sender.bodies, {
      run: this.id,
      receiver: (await this.#signer()).receiver,
      isTrusted: (key) => this.#workers?.hasKey(key) ?? false,
      mayRefuse: () => true, // RunRefusals decides whose word counts
    });
  }

  get #start(): RunEvent {
    const started = new Date().toISOString();
    return startOf(this.#options.plan, { t: this.#now, run: this.id, started });
  }

  get #now(): number {
    return Math.round(performance.now() - this.#began);
  }

  async #work(): Promise<void> {
    const { signal } = this.#options;
    const cancelled = Promise.withResolvers<void>();
    const onAbort = () => {
      this.#cancel();
      cancelled.resolve();
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const reading = this.#read();
    void this.#lostChunks.watch(this.#over.signal).catch(() => {}); // it is over
    try {
      const sending = this.#sending.send();
      await Promise.race([
        this.#allDone.promise,
        cancelled.promise,
        this.#unread.promise,
        // An error of the sending ends the run; its end does not.
        sending.then(() => this.#allDone.promise),
        reading.then(() => this.#allDone.promise),
      ]);
      if (this.#progress.left > 0) {
        await this.#withdraw();
        const ended = this.#allDone.promise;
        const waited = within(ended, { ms: CANCEL_MS, instead: null });
        await Promise.all([waited, this.#takeBack()]);
        this.#giveUp();
      }
    } catch (error) {
      this.#cancel();
      await this.#withdraw();
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#over.abort();
      this.#events.end();
      await reading;
    }
  }

  // Reading

  async #read(): Promise<void> {
    const { sender } = this.#options;
    const { link } = sender.options;
    const messages = readRun(link, {
      run: this.id,
      signal: this.#over.signal,
    });
    for await (const message of messages) {
      this.#isHeldUp = true;
      await this.#events.room();
      this.#isHeldUp = false;
      await this.#take(message);
      if (this.#progress.left === 0) return;
    }
  }

  async #take({ kind, index, data }: RunMessage): Promise<void> {
    try {
      if (kind === "log") {
        await this.#reports.take(index, data, (await this.#packing()).open);
      } else if (kind === "refused") {
        const { openRefusal } = await this.#packing();
        const { body, from } = await openRefusal(data);
        // Which workers are there is found out while other events come.
        void this.#refusals.take(index, readRefusal(body), from)
          .catch(() => {}); // nor what a worker says under the name of another
      }
    } catch {
      // What nobody vouches for says nothing.
    }
  }

  #finish(index: number, result: HostResult): void {
    const host = this.#options.hosts[index];
    if (host === undefined || !this.#progress.finish(index)) return;
    const own = { ...result, host: host.name };
    this.#summary[own.status]++;
    this.#events.push({ event: "result", t: this.#now, ...own });
    this.#rollout.end(own.status);
    this.#sending.makeRoom();
    if (this.#progress.left === 0) this.#allDone.resolve();
  }

  #watchWorkers(): RunWorkers {
    const { sender, hosts } = this.#options;
    return new RunWorkers({
      ...{ sender, run: this.id },
      signer: this.#signer,
      progress: this.#progress,
      nameOf: (index) => hosts[index]!.name,
      takenBack: this.#takenBack,
      finish: (index, result) => this.#finish(index, result),
      over: this.#over.signal,
    });
  }

  /** Tells all workers to end their calls. */
  #cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#sending.cancel();
    this.#cancelled = this.#workers?.cancel().catch(() => {}); // as it is
  }

  /** Takes back what no worker has taken. */
  async #withdraw(): Promise<void> {
    this.#cancel();
    await this.#cancelled;
    const { link } = this.#options.sender.options;
    const filter = SUBJECTS.allCallsOf(this.id);
    const purged = link.admin.streams.purge(CALLS, { filter }).catch(() => {});
    await within(purged, { ms: END_MS, instead: null });
  }

  /** Keeps workers from beginning more hosts. */
  async #takeBack(): Promise<void> {
    const signal = AbortSignal.timeout(CANCEL_MS);
    const sent = [...this.#progress.open()].filter((index) =>
      this.#progress.isSent(index) && !this.#progress.hasBegun(index)
    );
    const resultOf = (index: number) => judgeCancelled(this.#blank(index));
    for (const index of await this.#takenBack.take(sent, resultOf, signal)) {
      this.#finish(index, resultOf(index));
    }
    // A worker may have joined, and begun hosts, before it was told.
    await this.#workers?.cancel().catch(() => {}); // as it is
  }

  /** Ends the hosts whose results did not come in time after a cancel. */
  #giveUp(): void {
    for (const index of [...this.#progress.open()]) {
      const why = this.#progress.isSent(index) ? CANCELLED_LATE : undefined;
      this.#finish(index, judgeCancelled(this.#blank(index), why));
    }
  }

  async #publishEnd(end: RunEvent): Promise<void> {
    const published = this.#publish("end", end).catch(() => {});
    await within(published, { ms: END_MS, instead: null });
  }

  async #publish(
    kind: "start" | "end",
    event: RunEvent & Partial<StartMembers>,
  ): Promise<void> {
    const { link } = this.#options.sender.options;
    await publishStored(link, {
      subject: SUBJECTS.event(this.id, kind, 0),
      payload: await (await this.#packing()).pack(encodeNats(event)),
      signal: kind === "start" ? this.#options.signal : NEVER,
      onWait: (why) => this.#say(`NATS does not take the run: ${why}`),
    });
  }

  readonly #said = new Set<string>();

  #say(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#options.sender.options.onNote(text);
  }

  #blank(index: number): CallContext {
    return untimed(this.#options.hosts[index]!.name);
  }
}

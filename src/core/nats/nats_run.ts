// One run over NATS, as its sender sees it: sends chunks of hosts as workers have
// room, reads what happens there, and gives every host one result.
import { EventQueue } from "../../async/event_queue.ts";
import { within } from "../../async/deadline.ts";
import { ConnectError, messageOf } from "../../errors.ts";
import type { Host } from "../../inventory/inventory.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { emptySummary, type HostResult, type Summary } from "../call/call.ts";
import type { RunEvent } from "../call/run_event.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import {
  CANCELLED_LATE,
  judgeCancelled,
  judgeError,
} from "../result/host_result.ts";
import { type RunPlan, startOf } from "../run/plan_run.ts";
import { Rollout, type RolloutOptions } from "../run/rollout.ts";
import { lostResult } from "./host_reports.ts";
import { mergeMasked } from "./merge_masked.ts";
import type { NatsSender } from "./nats_sender.ts";
import { CALLS, SUBJECTS } from "./nats_subjects.ts";
import {
  type CommonBody,
  type PreparedHost,
  prepareHost,
} from "./prepare_sent.ts";
import { publishOnce, publishStored } from "./publish_once.ts";
import { readRun, type RunMessage } from "./run_messages.ts";
import { RunProgress } from "./run_progress.ts";
import { RunWorkers } from "./run_workers.ts";
import type { RunSigner } from "./signed_message.ts";
import {
  type BeginNote,
  decodeMessage,
  encodeMessage,
  type RefusalNote,
} from "./sent_call.ts";
import { siteOf } from "./sent_hosts.ts";

/** The most hosts in one message. */
const MAX_CHUNK = 50;
/** A site's hosts are in at least this many chunks, so that its workers share them. */
const MIN_CHUNKS = 16;
/** How many chunks of a site are under way, so that other runs get their turn. */
const MAX_OPEN_CHUNKS = 32;
/** How long workers may take to confirm a cancel. */
const CANCEL_MS = 2_500;
/** How long the messages of an end may take. */
const END_MS = 2_000;

/** A run that is ready to be sent. */
export interface NatsRunOptions extends RolloutOptions {
  readonly sender: NatsSender;
  readonly fleet: HostFleet;
  readonly plan: RunPlan;
  readonly common: CommonBody;
  readonly hosts: readonly Host[];
  readonly signal: AbortSignal;
  /** Whether the run goes on without this process. */
  readonly detached: boolean;
}

/** A run over NATS. */
export class NatsRun {
  readonly id = crypto.randomUUID();
  readonly #options: NatsRunOptions;
  readonly #events = new EventQueue<RunEvent>();
  readonly #progress: RunProgress;
  readonly #rollout: Rollout;
  readonly #summary: Summary;
  readonly #began = performance.now();
  readonly #started = new Date().toISOString();
  /** Ends what goes on in the background. */
  readonly #over = new AbortController();
  readonly #allDone = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();
  #chunks = 0;
  #isCancelled = false;
  /** The arguments, masked with what results have shown to be secret. */
  #args: JsonObject | undefined;

  constructor(options: NatsRunOptions) {
    const { hosts, fleet, serial, maxFail } = options;
    this.#options = options;
    this.#progress = new RunProgress(hosts.length);
    this.#summary = emptySummary(hosts.length);
    this.#rollout = new Rollout({
      ...{ serial, maxFail },
      hosts: hosts.length,
      fanout: fleet.fanout,
    });
    if (hosts.length === 0) this.#allDone.resolve();
  }

  /**
   * Sends the run and yields its events. Ending the iteration early cancels it.
   *
   * @throws {FtlError} when it cannot be sent.
   */
  async *events(): AsyncGenerator<RunEvent, void, void> {
    const { plan, signal } = this.#options;
    const start = startOf(plan, {
      t: this.#now,
      run: this.id,
      started: this.#started,
    });
    await this.#publish("start", 0, start);
    yield start;
    const workers = this.#watchWorkers();
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
        ...(this.#args && { args: this.#args }),
      };
      await this.#publishEnd(end);
      yield end;
    } finally {
      if (!isOver) {
        this.#cancel();
        await this.#withdraw();
        await work.catch(() => {}); // nobody reads any more
      }
      this.#over.abort(signal.reason);
      workers.close();
    }
  }

  /**
   * Sends the whole run, which goes on without this process.
   *
   * @throws {FtlError} when it cannot be sent.
   */
  async detach(): Promise<void> {
    const { plan } = this.#options;
    const start = startOf(plan, {
      t: 0,
      run: this.id,
      started: this.#started,
    });
    await this.#publish("start", 0, start);
    await this.#send();
    this.#over.abort();
  }

  #signing: Promise<RunSigner> | undefined;

  /** Signs once for the run; then the run's own key signs. */
  #signer(): Promise<RunSigner> {
    return this.#signing ??= this.#options.sender.signer(this.id);
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
    try {
      const sending = this.#send();
      await Promise.race([
        this.#allDone.promise,
        cancelled.promise,
        // An error of the sending ends the run; its end does not.
        sending.then(() => this.#allDone.promise),
        reading.then(() => this.#allDone.promise),
      ]);
      if (this.#progress.left > 0) {
        await this.#withdraw();
        await within(this.#allDone.promise, { ms: CANCEL_MS, instead: null });
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

  // Sending

  async #send(): Promise<void> {
    const bySite = new Map<string, number[]>();
    for (const [index, host] of this.#options.hosts.entries()) {
      const site = siteOf(host);
      const list = bySite.get(site);
      if (list === undefined) bySite.set(site, [index]);
      else list.push(index);
    }
    await Promise.all(
      [...bySite].map(([site, indexes]) => this.#sendSite(site, indexes)),
    );
  }

  async #sendSite(site: string, indexes: readonly number[]): Promise<void> {
    const { signal, hosts } = this.#options;
    const size = Math.min(
      MAX_CHUNK,
      Math.max(1, Math.ceil(indexes.length / MIN_CHUNKS)),
    );
    let chunk: number[] = [];
    const flush = async () => {
      const full = chunk;
      chunk = [];
      if (full.length > 0) await this.#sendChunk(site, full);
    };
    for (const index of indexes) {
      const begun = this.#rollout.begin(signal);
      if (!await isSettled(begun)) await flush();
      let reason: string | undefined;
      try {
        reason = await begun;
      } catch {
        return; // cancelled
      }
      if (reason !== undefined) {
        const why = `The call was not started: ${reason}`;
        this.#finish(index, judgeCancelled(blank(hosts[index]!.name), why));
        continue;
      }
      chunk.push(index);
      if (chunk.length === size) await flush();
      if (this.#isCancelled) return;
    }
    await flush();
  }

  async #sendChunk(site: string, indexes: readonly number[]): Promise<void> {
    const { sender, common, detached } = this.#options;
    if (!detached) await this.#roomFor(site);
    if (this.#isCancelled) return;
    const number = this.#chunks++;
    const prepared: PreparedHost[] = [];
    for (const index of indexes) {
      const host = await this.#prepare(index);
      if (host !== undefined) prepared.push(host);
    }
    if (prepared.length === 0 || this.#isCancelled) return;
    const sent = prepared.map(({ host }) => host);
    this.#progress.send(number, site, sent.map(({ index }) => index));
    const payload = await sender.chunk({
      ...{ site, detached },
      run: this.id,
      chunk: number,
      body: { ...common.body, hosts: sent },
      isSecret: common.isSecret || prepared.some(({ isSecret }) => isSecret),
    }, await this.#signer());
    await publishStored(sender.options.link, {
      subject: SUBJECTS.calls(site, this.id, number),
      payload,
      id: `${this.id}.call.${number}`,
      signal: this.#over.signal,
      onWait: (why) => this.#say(`NATS does not take the calls: ${why}`),
    }).catch((error) => {
      if (!this.#over.signal.aborted) throw error;
    });
  }

  /** What a worker gets about a host; undefined when it has its result already. */
  async #prepare(index: number): Promise<PreparedHost | undefined> {
    const { hosts, plan, detached } = this.#options;
    const host = hosts[index]!;
    try {
      return await prepareHost(host, index, this.#options);
    } catch (error) {
      const result = plan.mask.result(judgeError(error, blank(host.name)));
      if (detached) await this.#publishResult(index, result);
      else this.#finish(index, result);
      return undefined;
    }
  }

  async #roomFor(site: string): Promise<void> {
    while (
      this.#progress.openChunks(site) >= MAX_OPEN_CHUNKS && !this.#isCancelled
    ) await this.#room.promise;
  }

  // Reading

  async #read(): Promise<void> {
    const { sender } = this.#options;
    const messages = readRun(sender.options.link, {
      run: this.id,
      bodies: sender.bodies,
      signal: this.#over.signal,
    });
    for await (const message of messages) {
      await this.#events.room();
      await this.#take(message);
      if (this.#progress.left === 0) return;
    }
  }

  async #take({ kind, index, body }: RunMessage): Promise<void> {
    try {
      if (kind === "begin") {
        const { id } = decodeMessage<BeginNote>(await body());
        this.#progress.begin(index, id);
      } else if (kind === "result") {
        this.#finish(index, decodeMessage<HostResult>(await body()));
      } else if (kind === "more") {
        const { events } = decodeMessage<{ events: MoreEvent[] }>(await body());
        for (const event of events) this.#more(event);
      } else if (kind === "refused") {
        this.#refused(index, decodeMessage<RefusalNote>(await body()));
      }
    } catch (error) {
      // Only what says how a host ended is missed.
      if (kind !== "result" || !this.#progress.isOpen(index)) return;
      const { name } = this.#options.hosts[index]!;
      const cause = new ConnectError(
        `Cannot read the result of ${name}: ${messageOf(error)}`,
        { phase: "call" },
      );
      this.#finish(index, judgeError(cause, blank(name)));
    }
  }

  #more(event: MoreEvent): void {
    if (event.event !== "learned") {
      return this.#events.push({ ...event, t: this.#now });
    }
    const { plan } = this.#options;
    this.#args = mergeMasked(
      this.#args ?? plan.mask.args(plan.args),
      event.args,
    ) as JsonObject;
  }

  #refused(chunk: number, { worker, why }: RefusalNote): void {
    for (const index of this.#progress.open({ chunk })) {
      if (this.#progress.hasBegun(index)) continue;
      const cause = new ConnectError(`The worker ${worker} refused: ${why}`, {
        phase: "start",
      });
      const { name } = this.#options.hosts[index]!;
      this.#finish(index, judgeError(cause, blank(name)));
    }
  }

  #finish(index: number, result: HostResult): void {
    const host = this.#options.hosts[index];
    if (host === undefined || !this.#progress.finish(index)) return;
    const own = { ...result, host: host.name };
    this.#summary[own.status]++;
    this.#events.push({ event: "result", t: this.#now, ...own });
    this.#rollout.end(own.status);
    this.#makeRoom();
    if (this.#progress.left === 0) this.#allDone.resolve();
  }

  #makeRoom(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers<void>();
  }

  // Workers

  #watchWorkers(): RunWorkers {
    const { sender, hosts } = this.#options;
    return new RunWorkers({
      ...{ sender, run: this.id },
      signer: () => this.#signer(),
      progress: this.#progress,
      nameOf: (index) => hosts[index]!.name,
      onLost: (id) => void this.#loseWorker(id),
    });
  }

  /** A worker is gone: what it had begun may have taken effect. */
  async #loseWorker(id: string): Promise<void> {
    for (const index of [...this.#progress.open({ worker: id })]) {
      const { name } = this.#options.hosts[index]!;
      await this.#publishResult(index, lostResult(name));
    }
  }

  /** Stores a result, which is read back like those of workers. */
  async #publishResult(index: number, result: HostResult): Promise<void> {
    const { link } = this.#options.sender.options;
    await publishOnce(link, {
      subject: SUBJECTS.event(this.id, "result", index),
      payload: await this.#options.sender.bodies.pack(encodeMessage(result)),
      id: `${this.id}.result.${index}.sender`,
      signal: this.#over.signal,
    }).catch(() => {}); // the run is over
  }

  // The end

  /** Tells all workers to end their calls. */
  #cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#makeRoom();
    const { link } = this.#options.sender.options;
    link.connection.publish(
      SUBJECTS.control(this.id),
      encodeMessage({ type: "cancel" }),
    );
  }

  /** Takes back what no worker has taken. */
  async #withdraw(): Promise<void> {
    this.#cancel();
    const { link } = this.#options.sender.options;
    const filter = SUBJECTS.allCallsOf(this.id);
    const purged = link.admin.streams.purge(CALLS, { filter }).catch(() => {});
    await within(purged, { ms: END_MS, instead: null });
  }

  /** Ends the hosts whose results did not come in time after a cancel. */
  #giveUp(): void {
    for (const index of [...this.#progress.open()]) {
      const { name } = this.#options.hosts[index]!;
      const why = this.#progress.hasBegun(index) ? CANCELLED_LATE : undefined;
      this.#finish(index, judgeCancelled(blank(name), why));
    }
  }

  async #publishEnd(end: RunEvent): Promise<void> {
    await within(this.#publish("end", 0, end).catch(() => {}), {
      ms: END_MS,
      instead: null,
    });
  }

  async #publish(
    kind: "start" | "end",
    index: number,
    event: RunEvent,
  ): Promise<void> {
    const { link } = this.#options.sender.options;
    const { bodies } = this.#options.sender;
    await publishStored(link, {
      subject: SUBJECTS.event(this.id, kind, index),
      payload: await bodies.pack(encodeMessage(event)),
      id: `${this.id}.${kind}`,
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
}

const NEVER = new AbortController().signal;

/** An event of a worker besides results. */
type MoreEvent =
  | Extract<RunEvent, { event: "host_phase" | "output" | "progress" }>
  | { event: "learned"; args: JsonObject };

function blank(host: string) {
  return { host, duration_ms: 0, phases_ms: {} };
}

/** Whether a promise is settled now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = {};
  const settled = promise.then(() => true, () => true);
  return await Promise.race([
    settled,
    Promise.resolve().then(() => pending)
      .then(() => pending),
  ]) !== pending;
}

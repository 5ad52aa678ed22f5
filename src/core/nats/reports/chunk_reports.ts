// What a worker says of the hosts of one chunk, many in one entry of their log. A host
// begins once the entry that says so is stored, and nobody has begun it before.
import { untilAbort } from "../../../async/abort.ts";
import { pause } from "../../../async/deadline.ts";
import { startTimer } from "../../../async/timer.ts";
import { CallError, hintOf, messageOf } from "../../../errors.ts";
import type { HostResult } from "../../call/call.ts";
import { judgeError, untimed } from "../../result/host_result.ts";
import { encodeNats } from "../server/encode_nats.ts";
import { type BeginLimit, lateAtWorker } from "../messages/begin_limit.ts";
import {
  type LogDraft,
  type LogLine,
  MAX_LINES_BYTES,
} from "../messages/log_entry.ts";
import { MessageMembers } from "../messages/message_members.ts";
import type { SentHost } from "../messages/sent_call.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import type { BegunHosts } from "./begun_hosts.ts";
import { HostLog, type HostLogOptions } from "./host_log.ts";
import { BegunElsewhere } from "./lost_host.ts";
import { PendingWork } from "./pending_work.ts";
import { lineOf } from "./taken_back.ts";

/** The most events in an entry. */
const MOST_EVENTS = 1_000;
/** How long news of a chunk are gathered, for each of its hosts. */
const GATHER_MS = 2;
/** How long events are gathered when there is no other news. */
const EVENTS_MS = 100;
/** The pause between two looks at a host that another worker began. */
const LOOK_MS = 5_000;
/** How long another worker may take to say that it still runs a host. */
const ANSWER_MS = 2_000;
/** How often it is asked before it counts as gone: it may be busy. */
const MOST_ASKED = 3;
/** The pause before it is asked again. */
const ASK_AGAIN_MS = 1_000;

/** The worker that reports, and until when. */
export interface ChunkReportsOptions extends HostLogOptions {
  /** How many hosts the chunk has. */
  readonly hosts: number;
  /** Until when they may begin. Default: always. */
  readonly limit?: BeginLimit | undefined;
  /** What the worker itself knows of hosts that it has begun. */
  readonly noted?: BegunHosts | undefined;
  /** Ends the wait to begin a host. */
  readonly signal: AbortSignal;
  /** Aborted when the worker ends: what has not begun is left to others. */
  readonly stop: AbortSignal;
  /** Aborted when the last results must be stored. */
  readonly late: AbortSignal;
  /** Called with the reason when the server keeps the worker waiting. */
  readonly onWait: (why: string) => void;
  /** Called when hosts have begun, or have results. */
  readonly onProgress: () => void;
}

/** What is written at a time. */
interface ChunkDraft extends LogDraft {
  readonly begin: readonly number[];
  readonly results: readonly LogLine[];
  readonly lost: readonly number[];
  readonly events: readonly string[];
}

/** Writes begins, events and results of the hosts of one chunk. */
export class ChunkReports {
  readonly #options: ChunkReportsOptions;
  readonly #log: HostLog;
  /** Hosts that wait until their begin is stored. */
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();
  /** Hosts that the worker's own file has, from now on. */
  readonly #noted = new Set<number>();
  /** Hosts whose begin is stored. */
  readonly #own = new Set<number>();
  /** Results that are not stored yet, as JSON. */
  readonly #results = new Map<number, string>();
  /** Hosts that are left to others, unless their begin is being stored. */
  readonly #left = new Set<number>();
  /** Hosts whose worker is gone. */
  readonly #lost = new Set<number>();
  #events: string[] = [];
  #eventBytes = 0;
  /** How many hosts are connected to, or called. */
  #busy: number;
  /** How many hosts have neither begun nor a result. */
  #opening: number;
  #writtenAt = -Infinity;
  #writing: Promise<void> | undefined;
  /** Ends the wait for more news. */
  #hurry = () => {};
  readonly #elsewhere = new PendingWork();
  #error: { readonly cause: unknown } | undefined;

  constructor(options: ChunkReportsOptions) {
    this.#options = options;
    this.#log = new HostLog(options);
    this.#busy = this.#opening = options.hosts;
  }

  /** How many hosts have neither begun nor a result. */
  get opening(): number {
    return this.#opening;
  }

  /**
   * Says that a host begins; resolves when that is stored.
   *
   * @throws {BegunElsewhere} when it has begun before.
   * @throws {NotBegunInTime} when it is too late.
   */
  async begin(index: number): Promise<void> {
    if (this.#own.has(index)) return; // it is tried again
    // A host that this worker had begun before it was started again is lost.
    if (!this.#options.noted?.has(index)) this.#checkTime();
    let waiting = this.#waiting.get(index);
    if (waiting === undefined) {
      waiting = Promise.withResolvers<void>();
      waiting.promise.catch(() => {}); // its user gets it
      this.#waiting.set(index, waiting);
      this.#busy--;
      this.#write();
    }
    await untilAbort(waiting.promise, this.#options.signal);
    this.#checkTime(); // the server may have been away
  }

  #checkTime(): void {
    const late = lateAtWorker(this.#options.limit);
    if (late !== undefined) throw late;
  }

  /** Takes an event, which is stored soon. */
  event(event: unknown): void {
    const text = JSON.stringify(event);
    this.#events.push(text);
    this.#eventBytes += text.length;
    this.#write();
  }

  /** Takes the result of a host; `settled()` waits until it is stored. */
  report({ index }: SentHost, result: HostResult): void {
    if (!this.#waiting.delete(index)) this.#busy--;
    if (!this.#own.has(index)) this.#opening--;
    if (this.#options.stop.aborted) this.#left.add(index);
    this.#results.set(index, lineOf(index, result).text);
    this.#write();
  }

  /**
   * Waits until everything is stored.
   *
   * @throws {Error} when that fails.
   */
  async settled(): Promise<void> {
    do {
      await this.#elsewhere.settled()
        .catch((cause) => void (this.#error ??= { cause }));
      this.#write();
      await this.#writing;
    } while (this.#hasNews && this.#error === undefined);
    if (this.#error !== undefined) throw this.#error.cause;
  }

  get #hasNews(): boolean {
    return this.#waiting.size > 0 || this.#results.size > 0 ||
      this.#lost.size > 0 || this.#events.length > 0;
  }

  /** Whether no news can come before others are stored, or there is enough of it. */
  get #isUrgent(): boolean {
    return this.#busy === 0 || this.#eventBytes > MAX_LINES_BYTES ||
      this.#events.length >= MOST_EVENTS;
  }

  #write(): void {
    if (this.#isUrgent) this.#hurry();
    if (this.#error !== undefined) return this.#giveUp();
    if (this.#hasNews) this.#writing ??= this.#writeAll();
  }

  /** Writes all news. What comes after the last of it starts this again. */
  async #writeAll(): Promise<void> {
    try {
      while (this.#hasNews) await this.#writeSome();
    } catch (cause) {
      this.#error = { cause };
      this.#giveUp();
    }
    this.#writing = undefined;
  }

  async #writeSome(): Promise<void> {
    const { late: signal, onWait, onProgress } = this.#options;
    await this.#gathered();
    try {
      const draft = () => this.#draft();
      const written = await this.#log.add(draft, { signal, onWait });
      this.#writtenAt = performance.now();
      if (written !== undefined) this.#settle(written);
    } catch (error) {
      // One host's large result must not cost the others theirs.
      if (signal.aborted || !this.#leaveOutLarge(error)) throw error;
    }
    onProgress();
  }

  /** Leaves out what was too large to store; false when nothing was. */
  #leaveOutLarge(cause: unknown): boolean {
    const large = [...this.#results].flatMap(([index, { length }]) =>
      length > MAX_LINES_BYTES ? [index] : []
    );
    const isLarge = large.length > 0 || this.#eventBytes > MAX_LINES_BYTES;
    for (const index of large) {
      const why = `Cannot send the result: ${messageOf(cause)}`;
      const error = new CallError(why, { hint: hintOf(cause), cause });
      const { text } = lineOf(index, judgeError(error, untimed("")));
      this.#results.set(index, text);
    }
    if (this.#eventBytes > MAX_LINES_BYTES) this.#dropEvents();
    return isLarge;
  }

  #dropEvents(): void {
    this.#events = [];
    this.#eventBytes = 0;
  }

  /** Waits for more news, unless none can come or some have waited for long. */
  async #gathered(): Promise<void> {
    if (this.#isUrgent) return;
    const isNews = this.#waiting.size + this.#results.size > 0;
    const { hosts, stop } = this.#options;
    const gatherMs = isNews ? hosts * GATHER_MS : EVENTS_MS;
    const leftMs = this.#writtenAt + gatherMs - performance.now();
    if (leftMs <= 0) return;
    const hurried = Promise.withResolvers<void>();
    this.#hurry = hurried.resolve;
    const stopTimer = startTimer(hurried.resolve, leftMs);
    await untilAbort(hurried.promise, stop).catch(() => {}); // at once
    stopTimer();
  }

  #draft(): ChunkDraft | undefined {
    const begin = this.#beginning();
    const { events, bytes: eventBytes } = this.#someEvents();
    const results: LogLine[] = [];
    let bytes = eventBytes;
    for (const [index, text] of this.#results) {
      if (!this.#own.has(index)) {
        const isTold = this.#log.isTold(index);
        if (isTold) this.#elsewhere.add(this.#await(index));
        if (isTold || this.#left.has(index)) {
          this.#results.delete(index);
          continue;
        }
      }
      bytes += text.length;
      // Events come before results.
      const isFull = bytes > MAX_LINES_BYTES ||
        events.length < this.#events.length;
      if (isFull && results.length + events.length > 0) break;
      results.push({ index, text });
    }
    const lost = [...this.#lost];
    const isEmpty = [begin, events, results, lost].every((each) =>
      each.length === 0
    );
    return isEmpty ? undefined : { begin, events, results, lost };
  }

  /** As many events as an entry may have: the first ones. */
  #someEvents(): { events: string[]; bytes: number } {
    const events: string[] = [];
    let bytes = 0;
    for (const text of this.#events) {
      const isFull = bytes + text.length > MAX_LINES_BYTES ||
        events.length === MOST_EVENTS;
      if (isFull && events.length > 0) break;
      events.push(text);
      bytes += text.length;
    }
    return { events, bytes };
  }

  /** The hosts that wait, less those that have begun before. */
  #beginning(): number[] {
    const { noted, signal } = this.#options;
    const begin: number[] = [];
    for (const index of this.#waiting.keys()) {
      if (signal.aborted) this.#refuse(index, signal.reason);
      else if (!this.#log.isTold(index)) begin.push(index);
      else this.#refuse(index, new BegunElsewhere());
    }
    if (noted === undefined) return begin;
    const fresh = begin.filter((index) => !this.#noted.has(index));
    try {
      for (const index of noted.begin(fresh)) this.#noted.add(index);
      for (const index of fresh) {
        // This worker had begun it before it was started again.
        if (!this.#noted.has(index)) this.#refuse(index, new BegunElsewhere());
      }
    } catch (error) {
      for (const index of fresh) this.#refuse(index, error);
    }
    return begin.filter((index) => this.#noted.has(index));
  }

  /** A host that waits does not begin; its result tells why. */
  #refuse(index: number, why: unknown): void {
    this.#waiting.get(index)?.reject(why);
    if (this.#waiting.delete(index)) this.#busy++;
  }

  #settle({ begin, events, results, lost }: ChunkDraft): void {
    for (const index of begin) {
      this.#own.add(index);
      this.#waiting.get(index)?.resolve();
      // One whose call was cancelled in between waits no more.
      if (!this.#waiting.delete(index)) continue;
      this.#busy++;
      this.#opening--;
    }
    for (const { index } of results) this.#results.delete(index);
    for (const index of lost) this.#lost.delete(index);
    this.#events = this.#events.slice(events.length);
    this.#eventBytes = this.#events.reduce(
      (sum, { length }) => sum + length,
      0,
    );
  }

  /** Nothing can be stored any more. */
  #giveUp(): void {
    for (const index of [...this.#waiting.keys()]) {
      this.#refuse(index, this.#error!.cause);
    }
    this.#results.clear();
    this.#dropEvents();
  }

  /** Waits for what another worker says of a host that it has begun. */
  async #await(index: number): Promise<void> {
    const { late } = this.#options;
    for (;; await pause(LOOK_MS, late)) {
      try {
        await this.#log.read();
        if (this.#log.isDone(index)) return;
        if (await this.#isRunElsewhere(index)) continue;
        await this.#log.read(); // it may have reported in the meantime
      } catch {
        continue; // the server is away: what it knows is asked for again
      }
      if (this.#log.isDone(index)) return;
      this.#lost.add(index);
      return this.#write();
    }
  }

  /** Whether the worker that has begun a host still runs it. */
  async #isRunElsewhere(index: number): Promise<boolean> {
    const { link, run, writer, late } = this.#options;
    const worker = this.#log.beginner(index) ?? "";
    if (worker === writer.id || !/^[\w-]+$/.test(worker)) return false;
    for (let asked = 1;; asked++) {
      try {
        const answer = await link.connection.request(
          SUBJECTS.worker(worker),
          encodeNats({ run, index }),
          { timeout: ANSWER_MS },
        );
        return MessageMembers.parse(answer.data).flag("runs");
      } catch {
        if (asked === MOST_ASKED) return false; // it does not answer
      }
      await pause(ASK_AGAIN_MS, late);
    }
  }
}

// What a worker says of the hosts of one chunk, many in one entry of their log. A host
// begins once the entry that says so is stored, and nobody has begun it before.
import { untilAbort } from "../../../async/abort.ts";
import { pause } from "../../../async/deadline.ts";
import { startTimer } from "../../../async/timer.ts";
import { type FtlError, messageOf } from "../../../errors.ts";
import type { HostResult } from "../../call/call.ts";
import { type BeginLimit, lateAtWorker } from "../messages/begin_limit.ts";
import {
  type LogDraft,
  type LogLine,
  MAX_LINES_BYTES,
} from "../messages/log_entry.ts";
import type { SentHost } from "../messages/sent_call.ts";
import { inlineBytes } from "../server/nats_bodies.ts";
import { isUnanswered } from "../server/nats_link.ts";
import { runsElsewhere } from "./ask_worker.ts";
import type { BegunHosts } from "./begun_hosts.ts";
import { HostLog, type HostLogOptions } from "./host_log.ts";
import { BegunElsewhere } from "./lost_host.ts";
import { PendingWork } from "./pending_work.ts";
import { shortResult } from "./short_result.ts";
import { lineOf } from "./taken_back.ts";
import { type WaitingEvent, WaitingEvents } from "./waiting_events.ts";

/** The most events in an entry. */
const MOST_EVENTS = 1_000;
/** How long news of a chunk are gathered, for each of its hosts. */
const GATHER_MS = 2;
/** How long events are gathered when there is no other news. */
const EVENTS_MS = 100;
/** The pause between two looks at a host that another worker began. */
const LOOK_MS = 5_000;
/** The pause before an object store that did not answer is tried again. */
const STORE_AGAIN_MS = 1_000;
/** What an entry has besides its lines, and its seal: fewer bytes than that. */
const SPARE_BYTES = 4_096;
/** The most bytes of a character. */
const CHARACTER_BYTES = 3;

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
  /** Aborted when the worker ends, and no object can be stored any more. */
  readonly lateObjects: AbortSignal;
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
  /** Whether it needs no object, or is one large line. */
  readonly isSmall: boolean;
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
  /** Hosts whose results are stored. */
  readonly #stored = new Set<number>();
  /** Results that are not stored yet, as JSON. */
  readonly #results = new Map<number, string>();
  /** Hosts that are left to others, unless their begin is being stored. */
  readonly #left = new Set<number>();
  /** Hosts whose worker is gone. */
  readonly #lost = new Set<number>();
  readonly #events = new WaitingEvents({ onDue: () => this.#write() });
  /** The most characters of an entry that needs no object. */
  readonly #smallest: number;
  /** Whether the object store took none. */
  #hasNoRoom = false;
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
    const inline = inlineBytes(options.link);
    this.#smallest = Math.floor((inline - SPARE_BYTES) / CHARACTER_BYTES);
    this.#log = new HostLog({
      ...options,
      packing: { pack: (body) => this.#pack(body, inline) },
    });
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
  event(event: WaitingEvent): void {
    this.#events.push(event);
    this.#write();
  }

  /** Takes the result of a host; `settled()` waits until it is stored. */
  report({ index, name }: SentHost, result: HostResult): void {
    this.#events.end(name);
    if (!this.#waiting.delete(index)) this.#busy--;
    if (!this.#own.has(index)) this.#opening--;
    if (this.#options.stop.aborted) this.#left.add(index);
    this.#results.set(index, lineOf(index, result).text);
    this.#write();
  }

  /** Whether a host has begun here, and its result is not stored. */
  lacks(index: number): boolean {
    return this.#own.has(index) && !this.#stored.has(index);
  }

  /**
   * Waits until everything is stored.
   *
   * @throws {Error} when that fails.
   */
  async settled(): Promise<void> {
    // What is written may first tell of hosts that others have begun.
    do {
      await this.#elsewhere.settled();
      this.#write();
      await this.#writing;
    } while (
      (this.#hasNews || this.#elsewhere.size > 0) && this.#error === undefined
    );
    if (this.#error !== undefined) throw this.#error.cause;
  }

  get #hasNews(): boolean {
    return [this.#waiting, this.#results, this.#lost, this.#events]
      .some(({ size }) => size > 0);
  }

  /** Whether no news can come before others are stored, or there is enough of it. */
  get #isUrgent(): boolean {
    return this.#busy === 0 || this.#events.bytes > MAX_LINES_BYTES ||
      this.#events.size >= MOST_EVENTS;
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
    const { late: signal, onWait, onProgress, link } = this.#options;
    await this.#gathered();
    let tried: ChunkDraft | undefined;
    try {
      const draft = () => tried = this.#draft();
      const written = await this.#log.add(draft, { signal, onWait });
      this.#writtenAt = performance.now();
      if (written !== undefined) this.#settle(written);
    } catch (error) {
      // One host's large result must not cost the others theirs.
      const isOver = signal.aborted || link.connection.isClosed();
      if (isOver || tried === undefined) throw error;
      if (!await this.#makeDo(error as FtlError, tried)) throw error;
    }
    onProgress();
  }

  /** A message for the body of an entry. Large ones take no time at the end. */
  async #pack(body: Uint8Array, inline: number): Promise<Uint8Array> {
    const { packing, lateObjects } = this.#options;
    const isLarge = body.length > inline - SPARE_BYTES;
    if (isLarge) lateObjects.throwIfAborted();
    const packed = packing.pack(body);
    return await (isLarge ? untilAbort(packed, lateObjects) : packed);
  }

  /** Whether entries should need no object, and what does comes last. */
  get #isSmall(): boolean {
    return this.#hasNoRoom || this.#options.stop.aborted;
  }

  /** Makes less of what could not be packed; false when that cannot help. */
  async #makeDo(cause: FtlError, tried: ChunkDraft): Promise<boolean> {
    const { stop, onWait } = this.#options;
    this.#hasNoRoom = true;
    const { events, results: [result], isSmall } = tried;
    if (!isSmall) return true;
    const { length } = events[0] ?? result?.text ?? "";
    if (length <= this.#smallest) return false;
    onWait(messageOf(cause));
    if (isUnanswered(cause.cause ?? cause) && !stop.aborted) {
      await pause(STORE_AGAIN_MS, stop).catch(() => {}); // then it is left out
      return true;
    }
    if (result === undefined) return this.#events.shortenFirst();
    const short = shortResult(result.text, { most: this.#smallest, cause });
    this.#results.set(result.index, short);
    return short.length < length;
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
    const isSmall = this.#isSmall;
    const most = isSmall ? this.#smallest : MAX_LINES_BYTES;
    const begin = this.#beginning();
    const events = this.#events.first({ bytes: most, count: MOST_EVENTS });
    const results: LogLine[] = [];
    let large: LogLine | undefined;
    let bytes = events.reduce((sum, { length }) => sum + length, 0);
    for (const [index, text] of this.#results) {
      if (!this.#own.has(index)) {
        const isTold = this.#log.isTold(index);
        if (isTold) this.#elsewhere.add(this.#await(index).catch(() => {}));
        if (isTold || this.#left.has(index)) {
          this.#results.delete(index);
          continue;
        }
      }
      if (text.length > most && isSmall) {
        large ??= { index, text };
        continue;
      }
      bytes += text.length;
      // Events come before results.
      const isFull = bytes > most || events.length < this.#events.size;
      if (isFull && results.length + events.length > 0) break;
      results.push({ index, text });
    }
    const lost = [...this.#lost];
    const isEmpty = [begin, events, results, lost].every((each) =>
      each.length === 0
    );
    if (isEmpty && large !== undefined) results.push(large);
    else if (isEmpty) return undefined;
    return { begin, events, results, lost, isSmall };
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
    for (const { index } of results) {
      this.#results.delete(index);
      this.#stored.add(index);
    }
    for (const index of lost) this.#lost.delete(index);
    this.#events.drop(events.length);
  }

  /** Nothing can be stored any more. */
  #giveUp(): void {
    for (const index of [...this.#waiting.keys()]) {
      this.#refuse(index, this.#error!.cause);
    }
    this.#results.clear();
    this.#events.clear();
  }

  /** Waits for what another worker says of a host that it has begun, until the stop. */
  async #await(index: number): Promise<void> {
    const { stop } = this.#options;
    for (;; await pause(LOOK_MS, stop)) {
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
    const { link, run, writer, stop: signal } = this.#options;
    const worker = this.#log.beginner(index) ?? "";
    return worker !== writer.id &&
      await runsElsewhere(link, { worker, run, index, signal });
  }
}

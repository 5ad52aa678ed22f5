// The events of a chunk that wait until they are stored. A server that is away may keep
// them waiting for long while hosts print: what waits is bounded, and what is left out
// is counted where it was, as in a session. Results have the whole output. They have the
// phases of their hosts, too, so events tell only those of hosts that take a while.
import { startRoughTimer } from "../../../async/rough_timer.ts";
import type { JsonObject } from "../../../protocol/message.ts";
import type { RunEvent } from "../../call/run_event.ts";
import { cutMark } from "../../result/host_result.ts";
import { MASKED_TEXT } from "../../result/secret_texts.ts";

/** How many bytes of JSON wait before output is left out. */
const MOST_WAITING = 8 * 1024 ** 2;
/** How long phases of a host wait for its result, which has them. */
const PHASES_MS = 1_000;

type Output = Extract<RunEvent, { event: "output" }>;
type HostPhase = Extract<RunEvent, { event: "host_phase" }>;

/** What a worker tells of a call before its results. */
export type WaitingEvent =
  | Output
  | HostPhase
  | Extract<RunEvent, { event: "progress" }>
  /** The arguments, masked with what results have shown to be secret. */
  | { readonly event: "learned"; readonly args: JsonObject };

/** Phases of a host, until it has a result or they are due. */
interface HeldPhases {
  readonly phases: HostPhase[];
  readonly stopTimer: () => void;
}

/** Events in their order. */
export class WaitingEvents {
  #texts: string[] = [];
  #bytes = 0;
  /** How many characters were left out, by hosts and streams. */
  readonly #leftOut = new Map<string, Map<Output["stream"], number>>();
  /** Phases that wait for the results of their hosts. */
  readonly #held = new Map<string, HeldPhases>();
  readonly #most: number;
  readonly #onDue: () => void;

  /**
   * @param options `most`: how many bytes wait. Default: 8 MiB. `onDue`: called when
   * there are events that have waited for a result in vain.
   */
  constructor(
    { most = MOST_WAITING, onDue }: { most?: number; onDue: () => void },
  ) {
    this.#most = most;
    this.#onDue = onDue;
  }

  /** How many there are. */
  get size(): number {
    return this.#texts.length;
  }

  /** How many bytes they have. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds an event, as far as there is room. */
  push(event: WaitingEvent): void {
    const isFull = this.#bytes > this.#most;
    if (isFull && event.event === "output") return this.#leaveOut(event);
    // The next report of progress replaces this one.
    if (isFull && event.event === "progress") return;
    if (event.event === "host_phase") return this.#hold(event);
    if (event.event !== "learned") this.#release(event.host);
    if (event.event === "output") this.#tellLeftOut(event.host);
    this.#add(event);
  }

  /** The result of a host is next: says how much of its output was left out. */
  end(host: string): void {
    if (this.#leftOut.has(host)) this.#release(host); // they came before it
    this.#letGo(host);
    this.#tellLeftOut(host);
  }

  #tellLeftOut(host: string): void {
    const streams = this.#leftOut.get(host);
    if (streams === undefined) return;
    this.#leftOut.delete(host);
    for (const [stream, left] of streams) {
      this.#add(markOf({ host, stream, left }));
    }
  }

  /** The first events as JSON: some bytes, or one event. */
  first({ bytes: most, count }: { bytes: number; count: number }): string[] {
    const texts: string[] = [];
    let bytes = 0;
    for (const text of this.#texts) {
      bytes += text.length;
      const isFull = bytes > most || texts.length === count;
      if (isFull && texts.length > 0) break;
      texts.push(text);
    }
    return texts;
  }

  /** Lets go of the first events. */
  drop(count: number): void {
    for (const { length } of this.#texts.slice(0, count)) this.#bytes -= length;
    this.#texts = this.#texts.slice(count);
  }

  /**
   * Replaces the first event by one that says little, because it is too large to store;
   * false when there is no shorter one.
   */
  shortenFirst(): boolean {
    const [text = ""] = this.#texts;
    const short = shortened(JSON.parse(text));
    const instead = short === undefined ? [] : [JSON.stringify(short)];
    this.drop(1);
    this.#texts.unshift(...instead);
    const length = instead[0]?.length ?? 0;
    this.#bytes += length;
    return length < text.length;
  }

  /** Lets go of all events. */
  clear(): void {
    this.#texts = [];
    this.#bytes = 0;
    this.#leftOut.clear();
    for (const host of [...this.#held.keys()]) this.#letGo(host);
  }

  #hold(event: HostPhase): void {
    const held = this.#held.get(event.host);
    if (held !== undefined) return void held.phases.push(event);
    const stopTimer = startRoughTimer(() => {
      this.#release(event.host);
      this.#onDue();
    }, PHASES_MS);
    this.#held.set(event.host, { phases: [event], stopTimer });
  }

  #release(host: string): void {
    for (const phase of this.#held.get(host)?.phases ?? []) this.#add(phase);
    this.#letGo(host);
  }

  #letGo(host: string): void {
    this.#held.get(host)?.stopTimer();
    this.#held.delete(host);
  }

  #leaveOut({ host, stream, text }: Output): void {
    let streams = this.#leftOut.get(host);
    if (streams === undefined) this.#leftOut.set(host, streams = new Map());
    streams.set(stream, (streams.get(stream) ?? 0) + text.length);
  }

  #add(event: WaitingEvent): void {
    const text = JSON.stringify(event);
    this.#texts.push(text);
    this.#bytes += text.length;
  }
}

/** Stands for output that was left out. */
function markOf(
  { host, stream, left }: Pick<Output, "host" | "stream"> & { left: number },
): Output {
  // Readers know themselves when it arrived.
  return { event: "output", t: 0, host, stream, text: cutMark(left) };
}

/** An event that says less; undefined when a later one says more. */
function shortened(event: WaitingEvent): WaitingEvent | undefined {
  if (event.event === "output") {
    return markOf({ ...event, left: event.text.length });
  }
  if (event.event !== "learned") return undefined;
  // Which parts are secret cannot be said: so none is shown.
  const names = Object.keys(event.args);
  return {
    event: "learned",
    args: Object.fromEntries(names.map((name) => [name, MASKED_TEXT])),
  };
}

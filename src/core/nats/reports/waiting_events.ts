// The events of a chunk that wait until they are stored. A server that is away may keep
// them waiting for long while hosts print: what waits is bounded, and what is left out
// is counted where it was, as in a session. Results have the whole output.
import type { JsonObject } from "../../../protocol/message.ts";
import type { RunEvent } from "../../call/run_event.ts";
import { cutMark } from "../../result/host_result.ts";
import { MASKED_TEXT } from "../../result/secret_texts.ts";

/** How many bytes of JSON wait before output is left out. */
const MOST_WAITING = 8 * 1024 ** 2;

type Output = Extract<RunEvent, { event: "output" }>;

/** What a worker tells of a call before its results. */
export type WaitingEvent =
  | Output
  | Extract<RunEvent, { event: "host_phase" | "progress" }>
  /** The arguments, masked with what results have shown to be secret. */
  | { readonly event: "learned"; readonly args: JsonObject };

/** Events in their order. */
export class WaitingEvents {
  #texts: string[] = [];
  #bytes = 0;
  /** How many characters were left out, by hosts and streams. */
  readonly #leftOut = new Map<string, Map<Output["stream"], number>>();
  readonly #most: number;

  /** @param most How many bytes wait. Default: 8 MiB. */
  constructor({ most = MOST_WAITING }: { most?: number } = {}) {
    this.#most = most;
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
    if (event.event === "output") this.tellLeftOut(event.host);
    this.#add(event);
  }

  /** Says how much output of a host was left out. */
  tellLeftOut(host: string): void {
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

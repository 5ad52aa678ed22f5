// The memory and the descriptors of a process over a long time, and whether they grew.
import { median } from "../bench/measure.ts";
import { usageOf } from "../chaos/processes.ts";

/** The most that memory may grow by over the second half of all calls. */
const GROWTH_KB = 5 * 1024;
/** Fewer calls than this are a short run: memory has not settled by its middle. */
const SETTLED_CALLS = 50_000;
const UNSETTLED_KB = 40 * 1024;
/** Descriptors that come and go with what a process does at the moment. */
const PASSING_DESCRIPTORS = 40;

/** What a process held when it was looked at. */
export interface Look {
  readonly residentKb: number;
  readonly descriptors: number;
}

/** A process that is looked at now and then. */
export class WatchedProcess {
  readonly #looks: Look[] = [];

  constructor(readonly name: string, readonly pid: number) {}

  /**
   * Notes what it holds now.
   *
   * @throws {Error} when it has ended.
   */
  async look(): Promise<Look> {
    const look = await usageOf(this.pid);
    if (look === undefined) throw new Error(`The ${this.name} has ended`);
    this.#looks.push(look);
    return look;
  }

  /** What it held over all looks, and what is wrong about that. */
  verdict(calls: number): Verdict {
    return verdictOn(this.name, this.#looks, calls);
  }
}

/** What a process held, in words. */
export interface Verdict {
  readonly summary: string;
  readonly faults: readonly string[];
}

/**
 * Compares the third quarter with the last one. Memory goes up and down with garbage
 * collections, so their medians count.
 */
export function verdictOn(
  name: string,
  looks: readonly Look[],
  calls: number,
): Verdict {
  const half = looks.length >> 1;
  const quarter = Math.max(1, half >> 1);
  const [third, last] = [
    looks.slice(half, half + quarter),
    looks.slice(-quarter),
  ];
  const change = (key: keyof Look) =>
    [third, last].map((part) => median(part.map((look) => look[key]))) as [
      number,
      number,
    ];
  const [middleKb, endKb] = change("residentKb");
  const [middle, end] = change("descriptors");
  const mostKb = calls < SETTLED_CALLS ? UNSETTLED_KB : GROWTH_KB;
  const grewKb = endKb - middleKb;
  const series = looks.map(({ residentKb }) => mb(residentKb)).join(" ");
  return {
    summary:
      `${name}: ${mb(middleKb)} MB after the middle, ${mb(endKb)} MB at ` +
      `the end (${grewKb < 0 ? "" : "+"}${mb(grewKb)} MB; at most ` +
      `+${mb(mostKb)} MB), ${middle} and ${end} descriptors`,
    faults: [
      ...grewKb > mostKb ? [`the memory of the ${name} grew: ${series}`] : [],
      ...end > middle + PASSING_DESCRIPTORS
        ? [`the ${name} has ${end} descriptors after ${middle}`]
        : [],
    ],
  };
}

function mb(kb: number): string {
  return (kb / 1024).toFixed(1);
}

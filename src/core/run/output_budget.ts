// How much of what hosts print a run holds in memory, all hosts together. Each
// host has the same part, so that equal outputs stay equal when they are cut;
// when the whole is used up, a small part is left for each.
import { ExactNumber } from "../../json/exact_number.ts";
import type { HostResult } from "../call/call.ts";
import { cutMark } from "../result/host_result.ts";
import type { Json } from "../../protocol/message.ts";

const MIB = 1024 * 1024;

/** What all results hold, in bytes. */
const TOTAL = 128 * MIB;
/** What the parts of the hosts add up to, unless they would be too small. */
const SHARED = 64 * MIB;
const SMALLEST_SHARE = MIB;
/** What a host may always hold. */
const FLOOR = 16 * 1024;
/** What a value holds besides its text. */
const VALUE = 16;

/** The bound of one run. */
export class OutputBudget {
  readonly #share: number;
  #left: number;

  /** @param options `total`: in bytes. Default: 128 MiB. */
  constructor({ hosts, total = TOTAL }: { hosts: number; total?: number }) {
    const share = Math.min(total, SHARED) / Math.max(1, hosts);
    this.#share = Math.max(SMALLEST_SHARE, Math.floor(share));
    this.#left = total;
  }

  /** The part of one host. */
  share(): OutputShare {
    return new OutputShare(this.#share, (bytes, held) => {
      const room = Math.max(this.#left, FLOOR - held, 0);
      const granted = Math.min(bytes, room);
      this.#left -= granted;
      return granted;
    });
  }
}

/** The part of one host in a budget. */
export class OutputShare {
  readonly #limit: number;
  readonly #take: (bytes: number, held: number) => number;
  #held = 0;

  constructor(limit: number, take: (bytes: number, held: number) => number) {
    this.#limit = limit;
    this.#take = take;
  }

  /** Takes room for more bytes; returns how many may be kept. */
  grant(bytes: number): number {
    const wanted = Math.min(bytes, Math.max(0, this.#limit - this.#held));
    const granted = this.#take(wanted, this.#held);
    this.#held += granted;
    return granted;
  }

  /** Gives the room back: the result is held no more. */
  release(): void {
    this.#take(-this.#held, this.#held);
    this.#held = 0;
  }

  /** A result that fits; what is left out is marked where it was. */
  fit(result: HostResult): HostResult {
    const { stdout, stderr } = result;
    const size = sizeOf(result.result) + (stdout?.length ?? 0) +
      (stderr?.length ?? 0);
    // What was granted while it was read is in the result.
    const more = size - this.#held - FLOOR;
    if (more <= 0 || this.grant(more) === more) return result;
    const room = new Room(this.#held + FLOOR);
    return {
      ...result,
      result: room.json(result.result),
      ...(stdout === undefined ? {} : { stdout: room.text(stdout) }),
      ...(stderr === undefined ? {} : { stderr: room.text(stderr) }),
    };
  }
}

/** About how much memory a value takes, in bytes. */
function sizeOf(value: Json): number {
  if (typeof value === "string") return value.length + VALUE;
  if (value instanceof ExactNumber) return value.text.length + VALUE;
  if (typeof value !== "object" || value === null) return VALUE;
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, item) => sum + sizeOf(item), VALUE);
  }
  let sum = VALUE;
  for (const key of Object.keys(value)) {
    sum += key.length + sizeOf(value[key]!);
  }
  return sum;
}

/** Copies values into limited room. */
class Room {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  text(text: string): string {
    this.#left -= VALUE;
    const kept = text.slice(0, Math.max(0, this.#left)).toWellFormed();
    this.#left -= kept.length;
    const left = text.length - kept.length;
    return left === 0 ? text : kept + cutMark(left);
  }

  json(value: Json): Json {
    if (typeof value === "string") return this.text(value);
    this.#left -= VALUE;
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof ExactNumber) return value;
    if (Array.isArray(value)) {
      const kept: Json[] = [];
      for (const item of value) {
        if (this.#left <= 0) break;
        kept.push(this.json(item));
      }
      const left = value.length - kept.length;
      return left === 0 ? kept : [...kept, itemsMark(left)];
    }
    const members = Object.entries(value);
    const kept: [string, Json][] = [];
    for (const [key, member] of members) {
      if (this.#left <= 0) break;
      this.#left -= key.length;
      kept.push([key, this.json(member)]);
    }
    const left = members.length - kept.length;
    if (left > 0) kept.push(["…", itemsMark(left)]);
    return Object.fromEntries(kept);
  }
}

function itemsMark(count: number): string {
  return `[${count} more were left out]`;
}

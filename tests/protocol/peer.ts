// The other end of a channel in tests: sees the messages that the controller
// wrote, and writes bytes as a gate would, honest or not.
import { decodeBody } from "../../src/protocol/body.ts";
import { Channel, type ChannelOptions } from "../../src/protocol/channel.ts";
import { encodeFrame, FrameDecoder } from "../../src/protocol/frame.ts";
import type { ResultData } from "../../src/protocol/message.ts";
import { SeriesReader, splitBody } from "../../src/protocol/series.ts";
import { HandClock } from "./hand_clock.ts";

const encoder = new TextEncoder();

/** A hash that stands for some archive. */
export const HASH = "5e".repeat(32);

/** What a real gate reports about itself. */
export const GATE = {
  gate: HASH,
  python: "3.11.2",
  executable: "/usr/bin/python3",
  platform: "linux",
  pid: 4711,
  uid: 0,
  folder: "/root/.ftl",
  packs: [],
};

/** A result, with what a test wants to be different. */
export function result(members: Partial<ResultData> = {}): ResultData {
  return {
    state: "ended",
    rc: 0,
    signal: null,
    stdout: "",
    stderr: "",
    cut: { stdout: 0, stderr: 0 },
    duration_ms: 1,
    ...members,
  };
}

/** A channel, and what a gate sees of it. */
export class Peer {
  readonly clock = new HandClock();
  readonly channel: Channel;
  /** Every message that was written, series joined. */
  readonly messages: { type: string; data: unknown; id: number | null }[] = [];
  /** Every body that was written, as it was in its frame. */
  readonly bodies: Uint8Array[] = [];
  bytesWritten = 0;
  readonly #frames = new FrameDecoder();
  readonly #series = new SeriesReader();

  constructor(options: Partial<ChannelOptions> = {}) {
    this.channel = new Channel({
      nonce: "n1",
      host: "web1",
      startTimer: this.clock.startTimer,
      ...options,
      write: (bytes) => {
        this.#see(bytes);
        return options.write?.(bytes);
      },
    });
  }

  /** Opens the channel as a gate in v2. */
  async open(): Promise<this> {
    const hello = this.channel.hello();
    this.say(["Hello", { ftl: 2, nonce: "n1", ...GATE }, 0]);
    await hello;
    return this;
  }

  /** Writes a message, whatever it is. */
  say(message: unknown): Promise<void> | undefined {
    return this.write(encodeMessage(message));
  }

  /** Writes a message as a series. */
  saySeries(message: unknown, id: number): void {
    const body = encoder.encode(JSON.stringify(message));
    for (const part of splitBody(body, id)) this.write(encodeFrame(part));
  }

  /** Writes bytes. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    return this.channel.receive(bytes);
  }

  /** The types of the messages that were written. */
  get types(): string[] {
    return this.messages.map((message) => message.type);
  }

  #see(bytes: Uint8Array): void {
    this.bytesWritten += bytes.length;
    for (const body of this.#frames.push(bytes)) {
      this.bodies.push(body);
      const { type, data, id } = decodeBody(body);
      const joined = type === "Data"
        ? this.#series.add(data, id ?? 0)
        : { type, data, id };
      if (joined) this.messages.push(joined);
    }
  }
}

/** The frame of a message, whatever it is. */
export function encodeMessage(message: unknown): Uint8Array {
  return encodeFrame(encoder.encode(JSON.stringify(message)));
}

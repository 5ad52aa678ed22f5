// Data that comes in crumbs while nobody reads: two megabytes of single bytes
// would take hundreds of megabytes here, a buffer for each. They are put
// together before ssh2 gets them, and given to it when somebody reads on.
import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import { type Ssh2Channel, TYPE } from "./ssh2_internals.ts";

/** What is shorter is a crumb. */
const SMALL = 1024;
/** How much is put together. */
const ROOM = 16 * 1024;

interface Crumbs {
  readonly channel: Ssh2Channel;
  /** A packet of data, as far as it is filled. */
  readonly packet: Buffer;
  readonly head: number;
  length: number;
  readonly onResume: () => void;
}

/** Collects small data for the paused streams of one connection. */
export class SmallData {
  readonly #crumbs = new Map<Readable, Crumbs>();
  readonly #deliver: (packet: Buffer) => void;

  /** @param deliver gives ssh2 a packet that it has room for */
  constructor(deliver: (packet: Buffer) => void) {
    this.#deliver = deliver;
  }

  /** Whether it kept a packet of data, which has been admitted. */
  keeps(packet: Buffer, channel: Ssh2Channel): boolean {
    const isExtended = packet[0] === TYPE.extendedData;
    const stream = isExtended ? channel.stderr : channel;
    const head = isExtended ? 13 : 9;
    const length = packet.length - head;
    if (length >= SMALL || !stream.isPaused()) {
      this.#flush(stream);
      return false;
    }
    const crumbs = this.#crumbs.get(stream) ??
      this.#begin(stream, { channel, packet, head });
    packet.copy(crumbs.packet, crumbs.length, head);
    crumbs.length += length;
    channel.incoming.window -= length; // as ssh2 would
    if (crumbs.length > ROOM - SMALL) this.#flush(stream);
    return true;
  }

  /** Gives ssh2 what was kept of a channel, before it ends. */
  flush(channel: Ssh2Channel): void {
    this.#flush(channel);
    this.#flush(channel.stderr);
  }

  #begin(
    stream: Readable,
    { channel, packet, head }: Pick<Crumbs, "channel" | "packet" | "head">,
  ): Crumbs {
    const room = Buffer.allocUnsafe(ROOM);
    packet.copy(room, 0, 0, head);
    const onResume = () => this.#flush(stream);
    const crumbs = { channel, packet: room, head, length: head, onResume };
    stream.once("resume", onResume);
    this.#crumbs.set(stream, crumbs);
    return crumbs;
  }

  #flush(stream: Readable): void {
    const crumbs = this.#crumbs.get(stream);
    if (crumbs === undefined) return;
    this.#crumbs.delete(stream);
    const { channel, packet, head, length, onResume } = crumbs;
    stream.off("resume", onResume);
    packet.writeUInt32BE(length - head, head - 4);
    channel.incoming.window += length - head; // ssh2 takes it off again
    this.#deliver(packet.subarray(0, length));
  }
}

// Small data that arrives while its stream is not read: two megabytes of single
// bytes would take hundreds of megabytes here, with a buffer for each. The packets
// are joined before ssh2 gets them, and delivered when the stream is read again.
import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import { shrinkListeners } from "./spare_memory.ts";
import { type Ssh2Channel, TYPE } from "./ssh2_internals.ts";

/** Shorter data is small. */
const SMALL = 1024;
/** The size of a joined packet. */
const ROOM = 16 * 1024;

interface JoinedPacket {
  readonly channel: Ssh2Channel;
  /** A data packet, filled up to `length`. */
  readonly packet: Buffer;
  readonly head: number;
  length: number;
  readonly onResume: () => void;
}

/** Collects small data for the paused streams of one connection. */
export class SmallData {
  /** Undefined while there is none. */
  #joined: Map<Readable, JoinedPacket> | undefined;
  readonly #deliver: (packet: Buffer) => void;

  /** @param deliver gives a packet to ssh2 */
  constructor(deliver: (packet: Buffer) => void) {
    this.#deliver = deliver;
  }

  /** True when it keeps an admitted packet of data. */
  keeps(packet: Buffer, channel: Ssh2Channel): boolean {
    const isExtended = packet[0] === TYPE.extendedData;
    const stream = isExtended ? channel.stderr : channel;
    const head = isExtended ? 13 : 9;
    const length = packet.length - head;
    if (length >= SMALL || !stream.isPaused()) {
      this.#flush(stream);
      return false;
    }
    const joined = this.#joined?.get(stream) ??
      this.#begin(stream, { channel, packet, head });
    packet.copy(joined.packet, joined.length, head);
    joined.length += length;
    channel.incoming.window -= length; // as ssh2 would
    if (joined.length > ROOM - SMALL) this.#flush(stream);
    return true;
  }

  /** Delivers the kept data of a channel, before the channel ends. */
  flush(channel: Ssh2Channel): void {
    this.#flush(channel);
    this.#flush(channel.stderr);
  }

  #begin(
    stream: Readable,
    { channel, packet, head }: Pick<
      JoinedPacket,
      "channel" | "packet" | "head"
    >,
  ): JoinedPacket {
    const room = Buffer.allocUnsafe(ROOM);
    packet.copy(room, 0, 0, head);
    const onResume = () => this.#flush(stream);
    const joined = { channel, packet: room, head, length: head, onResume };
    stream.once("resume", onResume);
    this.#joined ??= new Map();
    this.#joined.set(stream, joined);
    return joined;
  }

  #flush(stream: Readable): void {
    const joined = this.#joined?.get(stream);
    if (joined === undefined) return;
    this.#joined?.delete(stream);
    if (this.#joined?.size === 0) this.#joined = undefined;
    const { channel, packet, head, length, onResume } = joined;
    stream.off("resume", onResume);
    shrinkListeners(stream); // V8 makes a table when one is removed
    packet.writeUInt32BE(length - head, head - 4);
    channel.incoming.window += length - head; // ssh2 subtracts it again
    this.#deliver(packet.subarray(0, length));
  }
}

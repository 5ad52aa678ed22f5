// Stands between the socket and ssh2's parser: packets are judged before ssh2
// sees them, and one connection may work for a few milliseconds at a time, so
// that a host that floods us does not keep the others waiting.
//
// Hooked are `parse`, which ssh2 calls for each chunk from the socket
// (lib/client.js, `sock.on('data')`), and `_onPayload` of each decipher
// (lib/protocol/crypto.js), which gets each packet, also those of a key
// exchange. That is sound: a decipher keeps its place in the chunk, and stops
// there when `_onPayload` returns false.
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Client } from "./ssh2.ts";
import { FloodError, UselessMessages } from "../useless.ts";
import { PacketRules } from "./packet_rules.ts";
import { SmallData } from "./small_data.ts";
import {
  type OnPayload,
  type Ssh2Client,
  type Ssh2Decipher,
  type Ssh2Protocol,
  TYPE,
} from "./ssh2_internals.ts";

/** How long a connection may work before the others have their turn. */
const TURN_MS = 4;
/** How long it then waits at least. */
const PAUSE_MS = 1;

/** Guards a client that was told to connect, before anything has come. */
export function guardPackets(client: Client, carrier: Duplex): void {
  new PacketGuard(client as unknown as Ssh2Client, carrier);
}

class PacketGuard {
  readonly #client: Ssh2Client;
  readonly #protocol: Ssh2Protocol;
  readonly #carrier: Duplex;
  readonly #rules: PacketRules;
  readonly #smallData: SmallData;
  /** When the current turn is over. */
  #until = 0;
  /** What has come and is not parsed yet. */
  #held: Buffer[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasEnded = false;

  constructor(client: Ssh2Client, carrier: Duplex) {
    this.#client = client;
    this.#protocol = client._protocol;
    this.#carrier = carrier;
    this.#rules = new PacketRules(client, carrier, new UselessMessages());
    this.#smallData = new SmallData((packet) => {
      this.#protocol._onPayload(packet);
    });
    this.#guardDeciphers();
    this.#protocol.parse = (chunk, at, length) =>
      this.#take(chunk.subarray(at, length));
    carrier.once("close", () => {
      this.#hasEnded = true;
      clearTimeout(this.#timer);
      this.#held = [];
    });
  }

  /** ssh2 makes a decipher for each set of keys. */
  #guardDeciphers(): void {
    let current = this.#protocol._decipher;
    if (current !== undefined) this.#guardPayloads(current);
    Object.defineProperty(this.#protocol, "_decipher", {
      get: () => current,
      set: (decipher: Ssh2Decipher) => {
        current = decipher;
        this.#guardPayloads(decipher);
      },
    });
  }

  /** It is given another function when a key exchange begins. */
  #guardPayloads(decipher: Ssh2Decipher): void {
    let guarded = this.#guarded(decipher._onPayload);
    Object.defineProperty(decipher, "_onPayload", {
      get: () => guarded,
      set: (next: OnPayload) => guarded = this.#guarded(next),
    });
  }

  #guarded(onPayload: OnPayload): OnPayload {
    const isKeyExchange = onPayload !== this.#protocol._onPayload;
    const rules = this.#rules;
    return (packet) => {
      try {
        const isAdmitted = isKeyExchange
          ? rules.admitsToKeyExchange(packet)
          : rules.admits(packet);
        const rest = !isAdmitted || (!isKeyExchange && this.#keeps(packet))
          ? undefined
          : onPayload(packet);
        if (packet[0] === TYPE.disconnect) this.#end();
        return rest ?? (performance.now() > this.#until ? false : undefined);
      } catch (error) {
        if (!(error instanceof FloodError)) throw error;
        this.#end(error);
        return false;
      }
    };
  }

  /** Whether a packet waits for somebody who reads. */
  #keeps(packet: Buffer): boolean {
    const [type] = packet;
    const isData = type === TYPE.data || type === TYPE.extendedData;
    if (!isData && type !== TYPE.eof && type !== TYPE.close) return false;
    const channel = this.#rules.channelOf(packet);
    if (channel === undefined) return false;
    if (isData) return this.#smallData.keeps(packet, channel);
    this.#smallData.flush(channel);
    return false;
  }

  #take(chunk: Buffer): void {
    if (this.#hasEnded) return;
    if (this.#held.length > 0) {
      this.#held.push(chunk);
      return;
    }
    this.#until = performance.now() + TURN_MS;
    let at: number | undefined = 0;
    while (at !== undefined && at < chunk.length) {
      at = this.#parse(chunk, at);
      if (this.#hasEnded) return;
      if (performance.now() > this.#until && at !== undefined) break;
    }
    if (at === undefined || at >= chunk.length) return;
    this.#held.push(chunk.subarray(at));
    this.#carrier.pause();
    this.#timer = setTimeout(() => this.#goOn(), PAUSE_MS);
  }

  #goOn(): void {
    const [chunk, ...others] = this.#held;
    this.#held = [];
    if (chunk !== undefined) this.#take(chunk);
    if (this.#held.length > 0) this.#held.push(...others);
    else for (const other of others) this.#take(other);
    if (this.#held.length === 0 && !this.#hasEnded) this.#carrier.resume();
  }

  /**
   * Ends the connection where ssh2 cannot read it: by itself it would only say
   * so, and wait for the host to hang up.
   */
  #parse(chunk: Buffer, at: number): number | undefined {
    try {
      const next = this.#protocol._parse(chunk, at, chunk.length);
      if (next === Infinity) this.#end(); // it has told the error
      return next;
    } catch (error) {
      this.#end(error);
      return undefined;
    }
  }

  #end(error?: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (error !== undefined) this.#client.emit("error", error);
    this.#carrier.destroy();
  }
}

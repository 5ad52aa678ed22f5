// Decides which packets ssh2's parser gets, and when: each packet is checked
// before ssh2 sees it, and one connection may work for a few milliseconds at a
// time, so that a host that floods us does not delay the other hosts.
//
// Hooked are `parse`, which ssh2 calls for each chunk from the socket
// (lib/client.js, `sock.on('data')`), and `_onPayload` of each decipher
// (lib/protocol/crypto.js), which gets each packet, including those of a key
// exchange. That is sound: a decipher keeps its place in the chunk, and stops
// there when `_onPayload` returns false.
//
// ssh2 gives `_onPayload` of the protocol, which is hooked, to each decipher that it
// makes for new keys. It gives another function to the first one, which it makes
// when the line with the host's version is complete, and to the current one when a
// message starts an exchange; both are hooked before the next packet is read. An
// accessor would see that too, at 2 KiB for each connection.
//
// What a host sends after the line with its version is held until its handshake has
// its turn: a host that accepts a connection and says nothing needs none. It is read
// all the same, so that a host that hangs up meanwhile is noticed, with its reason.
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { UselessMessages } from "../../useless.ts";
import { PacketRules } from "./packet_rules.ts";
import { translateParseError } from "./parse_errors.ts";
import { SmallData } from "../library/small_data.ts";
import {
  type OnPayload,
  type Ssh2Client,
  type Ssh2Protocol,
  TYPE,
} from "../library/ssh2_internals.ts";
import type { WireGuard } from "./wire_guard.ts";

/** How long a connection may work before the others get their turn. */
const TURN_MS = 4;
/** The shortest wait after that. */
const PAUSE_MS = 1;
/** How much is read while a handshake waits for its turn; a host sends about 1 kB. */
const MAX_HELD_BYTES = 64 * 1024;
/** How a stream shows that the host has hung up. */
const ENDS = ["end", "error", "close"];

/** The turn of a handshake. */
export interface HandshakeTurn {
  /** Waits for it; called once, when the first packet arrives. */
  readonly wait: () => Promise<void>;
  /** Aborts when the handshake has failed. */
  readonly signal: AbortSignal;
}

/** Guards one connection, from before its first byte arrives. */
export class PacketGuard {
  readonly #client: Ssh2Client;
  readonly #protocol: Ssh2Protocol;
  readonly #carrier: Duplex;
  readonly #rules: PacketRules;
  readonly #smallData: SmallData;
  /** What the current decipher gives its packets to. */
  #hook: OnPayload | undefined;
  /** When the current turn ends. */
  #until = 0;
  /** Chunks that have arrived and are not parsed yet. */
  #held: Buffer[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Undefined once it has come. */
  #turn: (HandshakeTurn & { forget(): void }) | undefined;
  #hasEnded = false;

  constructor(
    client: Ssh2Client,
    { carrier, wire, turn }: {
      carrier: Duplex;
      wire: WireGuard;
      turn: HandshakeTurn;
    },
  ) {
    this.#turn = this.#expect(turn, carrier);
    this.#client = client;
    this.#protocol = client._protocol;
    this.#carrier = carrier;
    this.#rules = new PacketRules(client, carrier, new UselessMessages());
    const usual = {
      onPayload: this.#protocol._onPayload,
      isKeyExchange: false,
    };
    this.#smallData = new SmallData(usual.onPayload);
    this.#protocol._onPayload = (packet) => this.#pass(packet, usual);
    this.#guardDecipher();
    this.#protocol.parse = (chunk, at, length) => {
      if (this.#hasEnded) return;
      try {
        wire.countRead(length - at);
      } catch (error) {
        return this.end(error);
      }
      this.#take(chunk.subarray(at, length));
    };
    carrier.once("close", () => {
      this.#hasEnded = true;
      clearTimeout(this.#timer);
      this.#held = [];
    });
  }

  /** Ends the connection. May be called twice; the first error counts. */
  end(error?: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (error !== undefined) this.#client.emit("error", error);
    this.#carrier.destroy();
  }

  /** Hooks the function of the current decipher, unless it is. */
  #guardDecipher(): void {
    const decipher = this.#protocol._decipher;
    if (decipher === undefined || decipher._onPayload === this.#hook) return;
    const onPayload = decipher._onPayload;
    const isKeyExchange = onPayload !== this.#protocol._onPayload;
    decipher._onPayload = this.#hook = isKeyExchange
      ? (packet) => this.#pass(packet, { onPayload, isKeyExchange })
      : onPayload;
  }

  /** Gives a packet to ssh2 if it is admitted. */
  #pass(
    packet: Buffer,
    { onPayload, isKeyExchange }: {
      onPayload: OnPayload;
      isKeyExchange: boolean;
    },
  ): number | false | undefined {
    const isAdmitted = isKeyExchange
      ? this.#rules.admitsToKeyExchange(packet)
      : this.#rules.admits(packet);
    const rest = !isAdmitted || (!isKeyExchange && this.#keeps(packet))
      ? undefined
      : onPayload(packet);
    this.#guardDecipher(); // ssh2 may have given it another function
    if (packet[0] === TYPE.disconnect) this.end();
    return rest ?? (performance.now() > this.#until ? false : undefined);
  }

  /** Whether a packet is kept until its stream is read. */
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
      if (this.#turn !== undefined) this.#boundHeld();
      return;
    }
    this.#until = performance.now() + TURN_MS;
    let at: number | undefined = 0;
    while (at !== undefined && at < chunk.length) {
      if (this.#mustWait()) return this.#awaitTurn(chunk.subarray(at));
      at = this.#parse(chunk, at);
      if (this.#hasEnded) return;
      if (performance.now() > this.#until && at !== undefined) break;
    }
    if (at === undefined || at >= chunk.length) return;
    this.#held.push(chunk.subarray(at));
    this.#carrier.pause();
    this.#timer = setTimeout(() => this.#goOn(), PAUSE_MS);
  }

  /** Whether the next bytes are of a packet, and the handshake has no turn yet. */
  #mustWait(): boolean {
    return this.#turn !== undefined &&
      this.#protocol._remoteIdentRaw !== undefined;
  }

  #awaitTurn(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#turn!.wait().then(
      () => this.#takeTurn(),
      () => {}, // the handshake has failed, or is about to
    );
  }

  #takeTurn(): void {
    if (this.#turn === undefined) return;
    this.#turn.forget();
    this.#turn = undefined;
    this.#goOn();
  }

  #boundHeld(): void {
    const bytes = this.#held.reduce((sum, { length }) => sum + length, 0);
    if (bytes > MAX_HELD_BYTES) this.#carrier.pause();
  }

  /**
   * Has ssh2 read what is held before it learns that the host has hung up: it may
   * state the reason.
   */
  #expect(turn: HandshakeTurn, carrier: Duplex) {
    const read = () => {
      if (this.#turn === undefined || turn.signal.aborted) return;
      this.#turn = undefined;
      while (this.#held.length > 0 && !this.#hasEnded) this.#goOn();
    };
    for (const event of ENDS) carrier.prependListener(event, read);
    return {
      ...turn,
      forget: () => {
        for (const event of ENDS) carrier.off(event, read);
      },
    };
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
   * Ends the connection when a packet breaks a rule, or ssh2 cannot parse it:
   * ssh2 alone would only report the error and wait for the host to hang up.
   */
  #parse(chunk: Buffer, at: number): number | undefined {
    try {
      const next = this.#protocol._parse(chunk, at, chunk.length);
      this.#guardDecipher(); // ssh2 makes the first one here
      if (next === Infinity) this.end(); // it has reported the error
      return next;
    } catch (error) {
      this.end(translateParseError(error));
      return undefined;
    }
  }
}

// Checks what a host sends before ssh2 acts on it. ssh2 1.17.0 gives the values
// of a key exchange to the runtime's arithmetic as they come (`lib/protocol/
// kex.js`: "TODO: validate prime", `finish()`), and the same for the keys that a
// host announces after the login (`hostKeysProve()` in `lib/client.js`): one
// packet then ends the process or blocks it for minutes.
//
// The hook is `_packetRW.read` of ssh2's protocol. Both of its handlers,
// `onKEXPayload()` and `onPayload()`, pass each decrypted message through
// `read()` before they look at it, in the first exchange and in every later one;
// ssh2 replaces the reader after each NEWKEYS, which the accessor here survives.
// A message that is skipped after a wrong guess is not read, and not acted on.
// `sawKey()` lets the host key be refused when the hook is no longer in the way.
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Client } from "./ssh2.ts";
import { checkGroup, checkKexInit, checkReply } from "./key_exchange_checks.ts";
import { RekeyBudget } from "./rekey_budget.ts";
import { shortenExponents, type Ssh2KeyExchange } from "./short_exponent.ts";
import { WireReader, WireViolation } from "./wire_reader.ts";

const MESSAGE = {
  kexInit: 20,
  newKeys: 21,
  /** The messages of the key exchange methods: 30 to 49. */
  firstOfMethod: 30,
  reply: 31,
  groupReply: 33,
  lastOfMethod: 49,
  globalRequest: 80,
} as const;

/** What a host may say before the line with its version. */
const MOST_GREETING_BYTES = 64 * 1024;

/** Messages before the first NEWKEYS; an exchange needs four. */
const MOST_EARLY_MESSAGES = 64;

/** The parts of ssh2's `Protocol` that are used here. */
interface Ssh2Protocol {
  _remoteIdentRaw: Uint8Array | undefined;
  _kex: Negotiated & Ssh2KeyExchange | undefined;
  _packetRW: { read: PacketReader };
  parse(chunk: Buffer, start: number, end: number): void;
  /** Each NEWKEYS gives it to a new cipher. */
  _onWrite(data: Uint8Array): void;
}

interface Negotiated {
  readonly negotiated: { readonly kex: string; readonly serverHostKey: string };
}

interface PacketReader {
  read(data: Buffer): Buffer;
  cleanup(): void;
}

/** A key exchange that is under way. */
interface Exchange {
  prime: bigint | undefined;
  isAnswered: boolean;
}

/** Stands between a host and ssh2. */
export class WireGuard {
  readonly #carrier: Duplex;
  readonly #protocol: Ssh2Protocol;
  readonly #rekeys = new RekeyBudget(performance.now());
  #violation: unknown;
  #bytesRead = 0;
  #bytesWritten = 0;
  #earlyMessages = 0;
  #hadFirstExchange = false;
  #exchange: Exchange | undefined;
  #key: Uint8Array | undefined;

  /**
   * @param client on which `connect()` was called in this turn of the loop
   * @param carrier is destroyed when the host breaks a rule
   * @throws {Error} when ssh2 has no place for the hook.
   */
  constructor(client: Client, carrier: Duplex) {
    this.#carrier = carrier;
    this.#protocol = protocolOf(client);
    this.#hookReader();
    this.#hookParser();
    this.#hookWriter();
    shortenExponents(this.#protocol);
    client.on("error", (error) => {
      if ("fatal" in error && error.fatal === true) this.#hangUp();
    });
  }

  /** True when the key came in a reply that was checked. */
  sawKey(key: Uint8Array): boolean {
    return this.#key?.toHex() === key.toHex();
  }

  #hookReader(): void {
    const packets = this.#protocol._packetRW;
    let reader = packets.read;
    const guarded: PacketReader = {
      read: (data) => this.#inspect(reader.read(data)),
      cleanup: () => reader.cleanup(),
    };
    Object.defineProperty(packets, "read", {
      get: () => guarded,
      set: (next: PacketReader) => reader = next,
    });
  }

  /** What ssh2 throws here it has not recovered from: nothing more is read. */
  #hookParser(): void {
    const protocol = this.#protocol;
    const parse = protocol.parse;
    protocol.parse = (chunk, start, end) => {
      try {
        if (this.#violation !== undefined) throw this.#violation;
        this.#bytesRead += end - start;
        if (protocol._remoteIdentRaw === undefined) this.#checkGreeting();
        parse.call(protocol, chunk, start, end);
      } catch (error) {
        this.#violation ??= inOurWords(error);
        this.#hangUp();
        throw this.#violation;
      }
    };
  }

  /** For the budget of new keys; the first exchange does not count. */
  #hookWriter(): void {
    const protocol = this.#protocol;
    const write = protocol._onWrite;
    protocol._onWrite = (data) => {
      this.#bytesWritten += data.length;
      write.call(protocol, data);
    };
  }

  /** Once ssh2 has told of the error: it is the reason that is shown. */
  #hangUp(): void {
    queueMicrotask(() => this.#carrier.destroy());
  }

  #checkGreeting(): void {
    if (this.#bytesRead > MOST_GREETING_BYTES) {
      throw new WireViolation("its greeting does not end");
    }
  }

  #inspect(payload: Buffer): Buffer {
    const type = payload[0]!;
    if (!this.#hadFirstExchange) {
      if (++this.#earlyMessages > MOST_EARLY_MESSAGES) {
        throw new WireViolation("its key exchange does not end");
      }
    }
    if (type === MESSAGE.kexInit) this.#begin(payload);
    else if (type === MESSAGE.newKeys) this.#end(payload);
    else if (type >= MESSAGE.firstOfMethod && type <= MESSAGE.lastOfMethod) {
      this.#step(payload, type);
    } else if (type === MESSAGE.globalRequest) hideHostKeys(payload);
    return payload;
  }

  #begin(payload: Buffer): void {
    if (this.#exchange !== undefined) throw outOfTurn(MESSAGE.kexInit);
    if (this.#hadFirstExchange) {
      const bytes = this.#bytesRead + this.#bytesWritten;
      this.#rekeys.take({ bytes, nowMs: performance.now() });
    }
    checkKexInit(payload);
    this.#exchange = { prime: undefined, isAnswered: false };
  }

  #step(payload: Buffer, type: number): void {
    const exchange = this.#exchange;
    const negotiated = this.#protocol._kex?.negotiated;
    if (!exchange || !negotiated || exchange.isAnswered) throw outOfTurn(type);
    const { kex, serverHostKey } = negotiated;
    const hasGroup = exchange.prime !== undefined;
    const isGroupExchange = kex.includes("group-exchange");
    if (isGroupExchange && !hasGroup && type === MESSAGE.reply) {
      exchange.prime = checkGroup(payload);
      return;
    }
    const expected = isGroupExchange ? MESSAGE.groupReply : MESSAGE.reply;
    if (type !== expected || isGroupExchange !== hasGroup) {
      throw outOfTurn(type);
    }
    const { prime } = exchange;
    this.#key = checkReply(payload, { kex, hostKey: serverHostKey, prime });
    exchange.isAnswered = true;
  }

  #end(payload: Buffer): void {
    if (!this.#exchange?.isAnswered) throw outOfTurn(MESSAGE.newKeys);
    new WireReader(payload, "its NEWKEYS message", 1).end();
    this.#exchange = undefined;
    this.#hadFirstExchange = true;
  }
}

function protocolOf(client: Client): Ssh2Protocol {
  const { _protocol: protocol } = client as unknown as {
    _protocol?: Partial<Ssh2Protocol>;
  };
  const isKnown = typeof protocol?.parse === "function" &&
    typeof protocol._onWrite === "function" &&
    typeof protocol._packetRW?.read?.read === "function";
  if (!isKnown) {
    throw new Error("Cannot check what hosts send: ssh2 has changed inside");
  }
  return protocol as Ssh2Protocol;
}

/**
 * ssh2 verifies every key that a host announces, however large; nothing here
 * uses them. Under another name it declines the request as it does unknown ones.
 */
function hideHostKeys(payload: Buffer): void {
  const fields = new WireReader(payload, "its request", 1);
  const name = fields.string(payload.length);
  if (String.fromCharCode(...name.subarray(0, 9)) === "hostkeys-") {
    name[0] = 0x78;
  }
}

function outOfTurn(type: number): WireViolation {
  return new WireViolation(`it sent message ${type} out of turn`);
}

/** ssh2's words for a packet that it cannot take apart are about its own code. */
function inOurWords(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.message === "Bad packet length") {
    return new WireViolation(
      "it sent a packet of a length that SSH does not allow",
      {
        cause: error,
      },
    );
  }
  if (error instanceof RangeError && error.message.includes("array length")) {
    return new WireViolation(
      "it sent a packet that is shorter than its padding",
      {
        cause: error,
      },
    );
  }
  return error;
}

// Checks the messages of a key exchange before ssh2 acts on them. ssh2 1.17.0
// gives the values of a key exchange to the runtime's arithmetic as they come
// (`lib/protocol/kex.js`: "TODO: validate prime", `finish()`), and the same for
// the keys that a host announces after the login (`hostKeysProve()` in
// `lib/client.js`): one packet then ends the process or blocks it for minutes.
//
// Both handlers of ssh2, `onKEXPayload()` and `onPayload()`, pass each decrypted
// message through `_packetRW.read.read()` before they look at it, in the first
// exchange and in every later one. ssh2 replaces the reader after each NEWKEYS,
// which InspectedPackets survives. A message that is skipped after a wrong
// guess is not read, and not acted on. `sawKey()` lets the host key be refused
// when the hook no longer sees the messages.
import type { Buffer } from "node:buffer";
import { checkGroup, checkKexInit, checkReply } from "./key_exchange_checks.ts";
import { RekeyBudget } from "./rekey_budget.ts";
import {
  type Ssh2PacketReader,
  type Ssh2Packets,
  type Ssh2Protocol,
  TYPE,
} from "../library/ssh2_internals.ts";
import { WireReader, WireViolation } from "./wire_reader.ts";

/** The most that a host may send before the line with its version. */
const MAX_GREETING_BYTES = 64 * 1024;

/** Messages before the first NEWKEYS; an exchange needs four. */
const MAX_EARLY_MESSAGES = 64;

/** ssh2's names of the lists of KEXINIT, in order (lib/protocol/kex.js). */
const LISTS = [
  "key exchange algorithm",
  "host key format",
  "C->S cipher",
  "S->C cipher",
  "C->S MAC",
  "S->C MAC",
];

/** How many extensions are looked at; servers send one to four. */
const MAX_EXTENSIONS = 64;
const MAX_NAME_BYTES = 256;

/** A key exchange that is under way. */
interface Exchange {
  prime: bigint | undefined;
  isAnswered: boolean;
}

/** Stands where ssh2 has its reader and its writer, and sees what the reader gives. */
class InspectedPackets implements Ssh2Packets {
  write: unknown;
  readonly #inspected: InspectedReader;

  constructor(
    { read, write }: Ssh2Packets,
    inspect: (payload: Buffer) => Buffer,
  ) {
    this.write = write;
    this.#inspected = new InspectedReader(read, inspect);
  }

  get read(): Ssh2PacketReader {
    return this.#inspected;
  }

  set read(reader: Ssh2PacketReader) {
    this.#inspected.reader = reader;
  }
}

class InspectedReader implements Ssh2PacketReader {
  reader: Ssh2PacketReader;
  readonly #inspect: (payload: Buffer) => Buffer;

  constructor(reader: Ssh2PacketReader, inspect: (payload: Buffer) => Buffer) {
    this.reader = reader;
    this.#inspect = inspect;
  }

  read(data: Buffer): Buffer {
    return this.#inspect(this.reader.read(data));
  }

  cleanup(): void {
    this.reader.cleanup();
  }
}

/** Checks the key exchanges of one connection. */
export class WireGuard {
  readonly #protocol: Ssh2Protocol;
  readonly #rekeys = new RekeyBudget(performance.now());
  #bytesRead = 0;
  #bytesWritten = 0;
  #earlyMessages = 0;
  #hadFirstExchange = false;
  #exchange: Exchange | undefined;
  #key: Uint8Array | undefined;
  #lists: readonly string[] = [];
  #signatureAlgorithms: readonly string[] | undefined;

  constructor(protocol: Ssh2Protocol) {
    this.#protocol = protocol;
    protocol._packetRW = new InspectedPackets(
      protocol._packetRW,
      (payload) => this.#inspect(payload),
    );
    this.#hookWriter();
  }

  /**
   * The algorithms that the host accepts in signatures of a login (RFC 8308,
   * `server-sig-algs`); undefined when it lists none.
   */
  get signatureAlgorithms(): readonly string[] | undefined {
    return this.#signatureAlgorithms;
  }

  /** Lets go of what only a login needs. */
  forgetLogin(): void {
    this.#signatureAlgorithms = undefined;
  }

  /** The number of bytes that have arrived. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /**
   * The host's list that an error of ssh2 is about, "no matching …"; undefined for
   * other errors.
   */
  listIn(message: string): string | undefined {
    const index = LISTS.findIndex((name) =>
      message.endsWith(`no matching ${name}`)
    );
    return this.#lists[index];
  }

  /** True when the key came in a reply that was checked. */
  sawKey(key: Uint8Array): boolean {
    return this.#key?.toHex() === key.toHex();
  }

  /**
   * Counts the bytes of a chunk that has arrived, before it is parsed.
   *
   * @throws {WireViolation} when the host's greeting is too long.
   */
  countRead(bytes: number): void {
    this.#bytesRead += bytes;
    const isGreeting = this.#protocol._remoteIdentRaw === undefined;
    if (isGreeting && this.#bytesRead > MAX_GREETING_BYTES) {
      throw new WireViolation("its greeting does not end");
    }
  }

  /** For the budget of new keys. */
  #hookWriter(): void {
    const protocol = this.#protocol;
    const write = protocol._onWrite;
    protocol._onWrite = (data) => {
      this.#bytesWritten += data.length;
      write.call(protocol, data);
    };
  }

  #inspect(payload: Buffer): Buffer {
    const type = payload[0]!;
    if (!this.#hadFirstExchange) {
      if (++this.#earlyMessages > MAX_EARLY_MESSAGES) {
        throw new WireViolation("its key exchange does not end");
      }
    }
    if (type === TYPE.kexInit) this.#begin(payload);
    else if (type === TYPE.newKeys) this.#end(payload);
    else if (type >= TYPE.firstOfMethod && type <= TYPE.lastOfMethod) {
      this.#step(payload, type);
    } else if (type === TYPE.globalRequest) hideHostKeys(payload);
    else if (type === TYPE.extInfo) {
      this.#signatureAlgorithms ??= signatureAlgorithmsIn(payload);
    }
    return payload;
  }

  #begin(payload: Buffer): void {
    if (this.#exchange !== undefined) throw outOfTurn(TYPE.kexInit);
    if (this.#hadFirstExchange) {
      const bytes = this.#bytesRead + this.#bytesWritten;
      this.#rekeys.take({ bytes, nowMs: performance.now() });
    }
    this.#lists = checkKexInit(payload);
    this.#exchange = { prime: undefined, isAnswered: false };
  }

  #step(payload: Buffer, type: number): void {
    const exchange = this.#exchange;
    const negotiated = this.#protocol._kex?.negotiated;
    if (!exchange || !negotiated || exchange.isAnswered) throw outOfTurn(type);
    const { kex, serverHostKey } = negotiated;
    const hasGroup = exchange.prime !== undefined;
    const isGroupExchange = kex.includes("group-exchange");
    if (isGroupExchange && !hasGroup && type === TYPE.kexReply) {
      exchange.prime = checkGroup(payload);
      return;
    }
    const expected = isGroupExchange ? TYPE.kexGroupReply : TYPE.kexReply;
    if (type !== expected || isGroupExchange !== hasGroup) {
      throw outOfTurn(type);
    }
    const { prime } = exchange;
    this.#key = checkReply(payload, { kex, hostKey: serverHostKey, prime });
    exchange.isAnswered = true;
  }

  #end(payload: Buffer): void {
    if (!this.#exchange?.isAnswered) throw outOfTurn(TYPE.newKeys);
    new WireReader(payload, "its NEWKEYS message", 1).end();
    this.#exchange = undefined;
    this.#lists = []; // they explain an exchange that has failed
    this.#key = undefined; // it was judged
    this.#hadFirstExchange = true;
  }
}

/** The list of signature algorithms in EXT_INFO (RFC 8308, section 2.3). */
function signatureAlgorithmsIn(payload: Buffer): string[] | undefined {
  if (payload.length < 5) return undefined; // ssh2 reports it as malformed
  const count = Math.min(payload.readUInt32BE(1), MAX_EXTENSIONS);
  const fields = new WireReader(payload, "its list of extensions", 5);
  for (let i = 0; i < count; i++) {
    const name = String.fromCharCode(...fields.string(MAX_NAME_BYTES));
    const value = fields.string(payload.length);
    if (name === "server-sig-algs") {
      return new TextDecoder().decode(value).split(",");
    }
  }
  return undefined;
}

/**
 * ssh2 verifies every key that a host announces, however large, and ftl uses
 * none of them. With another name, ssh2 declines the request as unknown.
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

// Decides which packets of a server ssh2 may parse. Unsolicited packets are counted
// and dropped, with the answer that RFC 4254 requires; a packet that breaks an
// announced limit ends the connection. ssh2 alone would parse and answer them all,
// and checks a window only for being zero, before it subtracts (lib/client.js,
// CHANNEL_DATA and CHANNEL_EXTENDED_DATA).
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import {
  FloodError,
  LARGE_ADJUSTMENT,
  SMALL_ADJUSTMENT,
  type UselessMessages,
  WIDEST_WINDOW,
} from "../../useless.ts";
import {
  type Ssh2Channel,
  type Ssh2Client,
  TYPE,
} from "../library/ssh2_internals.ts";

/** The limit that ssh2 announces (lib/Channel.js, PACKET_SIZE). */
const MAX_PACKET_DATA = 32 * 1024;
/** RFC 4254, section 5.1. */
const PROHIBITED = 1;
/** The only kind of extended data (RFC 4254, section 5.2). */
const STDERR = 1;
/** How many bytes of answers may wait for a host that does not read. */
const MAX_WAITING = 4 * 1024 * 1024;
/** A packet of this many bytes counts twice. */
const LONG = 1024;

/** Judges the packets of one connection. */
export class PacketRules {
  readonly #client: Ssh2Client;
  readonly #carrier: Duplex;
  readonly #useless: UselessMessages;
  /** The widest known window to the host, by channel. */
  #widest: WeakMap<Ssh2Channel, number> | undefined;
  #extensions = 0;
  #isServed = false;

  constructor(client: Ssh2Client, carrier: Duplex, useless: UselessMessages) {
    this.#client = client;
    this.#carrier = carrier;
    this.#useless = useless;
  }

  /**
   * True when ssh2 may get a packet.
   *
   * @throws {FloodError} when the connection must end.
   */
  admits(packet: Buffer): boolean {
    const type = packet[0];
    switch (type) {
      case TYPE.data:
      case TYPE.extendedData:
        return this.#admitsData(packet, type);
      case TYPE.windowAdjust:
        return this.#admitsAdjustment(packet);
      case TYPE.channelRequest:
        return this.#admitsRequest(packet);
      case TYPE.eof:
        return this.channelOf(packet)?.incoming.state === "open" ||
          this.#drop("the end of a stream");
      case TYPE.close:
        return this.#target(packet) !== undefined ||
          this.#drop("the end of a channel");
      case TYPE.channelSuccess:
      case TYPE.channelFailure:
        return (this.channelOf(packet)?._callbacks.length ?? 0) > 0 ||
          this.#drop("an answer");
      case TYPE.openConfirmation:
      case TYPE.openFailure:
        if (typeof this.#target(packet) !== "function") {
          return this.#drop("a channel");
        }
        this.#useless.opened();
        return true;
      case TYPE.channelOpen:
        return this.#refuseChannel(packet);
      case TYPE.globalRequest:
        return this.#refuseRequest(packet);
      case TYPE.requestSuccess:
      case TYPE.requestFailure:
        return this.#client._callbacks.length > 0 || this.#drop("an answer");
      case TYPE.disconnect:
      case TYPE.kexInit: // WireGuard bounds how often
      case TYPE.newKeys:
        return true;
      case TYPE.serviceAccept:
        if (this.#isServed) return this.#drop("a service");
        return this.#isServed = true;
      case TYPE.extInfo:
        return ++this.#extensions <= 2 ||
          this.#drop("a list of extensions", packet.length);
      case undefined:
        return this.#drop("an empty packet");
      default:
        return this.#admitsOther(type, packet.length);
    }
  }

  /** True when ssh2 may get a packet of a key exchange that has started. */
  admitsToKeyExchange(packet: Buffer): boolean {
    this.#useless.count("a message of a key exchange");
    return packet.length > 0;
  }

  #admitsOther(type: number, length: number): boolean {
    // WireGuard ends the connection for one outside of an exchange.
    if (type >= TYPE.firstOfMethod && type <= TYPE.lastOfMethod) return true;
    const { _authenticated, _authsQueue } = this.#client._protocol;
    const isLogin = type >= TYPE.userauthFailure && type < TYPE.globalRequest;
    this.#drop(`a message of type ${type}`, length);
    // After the login, a refusal would make ssh2 log in again.
    return isLogin && !_authenticated &&
      (type !== TYPE.userauthFailure || _authsQueue.length > 0);
  }

  #admitsData(packet: Buffer, type: number): boolean {
    const channel = this.channelOf(packet);
    const isExtended = type === TYPE.extendedData;
    const head = isExtended ? 13 : 9;
    if (packet.length < head) return true; // ssh2 reports it as malformed
    const length = packet.length - head;
    if (length === 0) return this.#drop("data with no bytes");
    if (channel === undefined || channel.incoming.state !== "open") {
      return this.#drop("data for a closed stream");
    }
    if (length > MAX_PACKET_DATA) {
      throw new FloodError(
        `it sent ${length} bytes in one packet, more than ${MAX_PACKET_DATA}`,
      );
    }
    if (length > channel.incoming.window) {
      throw new FloodError("it sent more data than its window allows");
    }
    return !isExtended || packet.readUInt32BE(5) === STDERR ||
      this.#drop("data of an unknown kind");
  }

  #admitsAdjustment(packet: Buffer): boolean {
    const channel = this.channelOf(packet);
    if (channel === undefined) return this.#drop("a window adjustment");
    if (packet.length < 9) return true; // ssh2 reports it as malformed
    const amount = packet.readUInt32BE(5);
    const { window } = channel.outgoing;
    if (window + amount > WIDEST_WINDOW) {
      throw new FloodError("it opened a window larger than SSH allows");
    }
    this.#widest ??= new WeakMap(); // few connections need it
    const widest = this.#widest.get(channel) ?? window + amount;
    this.#widest.set(channel, Math.max(widest, window));
    const used = Math.min(amount, widest - window);
    if (amount < LARGE_ADJUSTMENT && used < SMALL_ADJUSTMENT) {
      this.#useless.count("a window adjustment");
    }
    return true;
  }

  #admitsRequest(packet: Buffer): boolean {
    const channel = this.channelOf(packet);
    const name = textAt(packet, 5);
    const isExit = name === "exit-status" || name === "exit-signal";
    if (isExit && channel !== undefined && channel._exit.code === undefined) {
      return true;
    }
    this.#drop("a request", packet.length);
    if (channel?.outgoing.state === "open" && flagAfterText(packet, 5)) {
      this.#answer((to) => to.channelFailure(channel.outgoing.id));
    }
    return false;
  }

  #refuseRequest(packet: Buffer): boolean {
    this.#drop("a request", packet.length);
    if (flagAfterText(packet, 1)) this.#answer((to) => to.requestFailure());
    return false;
  }

  #refuseChannel(packet: Buffer): boolean {
    this.#drop("a channel", packet.length);
    const at = endOfText(packet, 1);
    if (at + 4 > packet.length) return false;
    const sender = packet.readUInt32BE(at);
    this.#answer((to) => to.channelOpenFail(sender, PROHIBITED, ""));
    return false;
  }

  /** Counts a packet and drops it; a long one counts several times. */
  #drop(what: string, length = 0): false {
    this.#useless.count(what, 1 + length / LONG);
    return false;
  }

  #answer(send: (to: Ssh2Client["_protocol"]) => void): void {
    if (this.#carrier.writableLength > MAX_WAITING) {
      throw new FloodError("it does not read the answers");
    }
    send(this.#client._protocol);
  }

  /** The open channel that a packet is for. */
  channelOf(packet: Buffer): Ssh2Channel | undefined {
    const target = this.#target(packet);
    return typeof target === "object" ? target : undefined;
  }

  /** A channel, or the callback that waits for one. */
  #target(packet: Buffer) {
    if (packet.length < 5) return undefined;
    const id = packet.readUInt32BE(1);
    // ssh2 throws for the last number, which it never uses.
    return id === WIDEST_WINDOW ? undefined : this.#client._chanMgr.get(id);
  }
}

function endOfText(packet: Buffer, at: number): number {
  return at + 4 <= packet.length
    ? at + 4 + packet.readUInt32BE(at)
    : packet.length;
}

function flagAfterText(packet: Buffer, at: number): boolean {
  return packet[endOfText(packet, at)] === 1;
}

/** A string of at most 32 bytes. */
function textAt(packet: Buffer, at: number): string {
  const end = Math.min(endOfText(packet, at), at + 4 + 32);
  return packet.toString("latin1", at + 4, end);
}

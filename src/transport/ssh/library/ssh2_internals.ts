// The parts of ssh2 1.17 that it does not document and ftl depends on, and the
// numbers of SSH messages. guard_client.ts sets every hook on these parts;
// tests/transport/ssh/guard/packet_guard_test.ts fails when a new ssh2 moves one.
import type { Buffer } from "node:buffer";
import type { DiffieHellman } from "node:crypto";
import type { Duplex, Readable } from "node:stream";
import type { Client, ParsedKey } from "./ssh2.ts";

/** Message numbers (RFC 4250, section 4.1.2). */
export const TYPE = {
  disconnect: 1,
  serviceAccept: 6,
  extInfo: 7,
  kexInit: 20,
  newKeys: 21,
  /** The messages of the key exchange methods: 30 to 49. */
  firstOfMethod: 30,
  kexReply: 31,
  kexGroupReply: 33,
  lastOfMethod: 49,
  userauthFailure: 51,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  openConfirmation: 91,
  openFailure: 92,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
} as const;

/**
 * Takes the payload of a packet. `false` leaves the rest of the chunk to the
 * caller of `_parse`; ssh2 returns it when it changes ciphers.
 */
export type OnPayload = (payload: Buffer) => number | false | undefined;

/** lib/protocol/crypto.js: reads `_onPayload` again for each packet. */
export interface Ssh2Decipher {
  _onPayload: OnPayload;
  /** The MAC of a packet, in the cipher chacha20. */
  _calcMac?: Uint8Array;
}

/** lib/protocol/utils.js and zlib.js: takes a payload out of its packet. */
export interface Ssh2PacketReader {
  read(data: Buffer): Buffer;
  cleanup(): void;
}

/** How ssh2 reads and writes packets; both are replaced after each NEWKEYS. */
export interface Ssh2Packets {
  read: Ssh2PacketReader;
  write: unknown;
}

/** lib/protocol/kex.js. */
export interface Ssh2KeyExchange {
  readonly type: string;
  /** Set in a fixed group. */
  readonly groupName?: string;
  /** Set in a group exchange, once the host has sent them. */
  readonly _prime?: Buffer | null;
  readonly _generator?: Buffer | null;
  _dh: DiffieHellman | null;
  /** Set for curve25519. */
  _keys?: unknown;
  _public: Buffer | null;
  generateKeys(): void;
}

/** What both sides agreed on. */
export interface Negotiated {
  readonly negotiated: { readonly kex: string; readonly serverHostKey: string };
}

/** lib/protocol/kex.js, `KexInit`: the algorithms that are offered. */
export interface Ssh2Offer {
  readonly lists: { readonly all: Buffer };
}

/** lib/protocol/Protocol.js. */
export interface Ssh2Protocol {
  _offer: Ssh2Offer;
  /** Undefined until the host has sent the line with its version. */
  _remoteIdentRaw: Uint8Array | undefined;
  _kex: (Negotiated & Ssh2KeyExchange) | undefined;
  _packetRW: Ssh2Packets;
  _decipher: Ssh2Decipher | undefined;
  readonly _cipher: object;
  /** Each decipher gets this function; during a key exchange it has another. */
  _onPayload: OnPayload;
  readonly _authenticated: boolean;
  readonly _authsQueue: readonly string[];
  /** Returns where in the chunk it stopped; undefined at its end. */
  _parse(chunk: Buffer, at: number, length: number): number | undefined;
  parse(chunk: Buffer, at: number, length: number): void;
  /** Each NEWKEYS gives it to a new cipher. */
  _onWrite(data: Uint8Array): void;
  readonly _handlers: { USERAUTH_PK_OK(protocol: Ssh2Protocol): void };
  /** Without `sign` it asks whether the host takes the key. */
  authPK(
    user: string,
    key: ParsedKey,
    algorithm?: string,
    sign?: unknown,
  ): void;
  /** Asks for a sign of life. */
  ping(): void;
  requestFailure(): void;
  channelFailure(id: number): void;
  channelOpenFail(id: number, reason: number, description: string): void;
}

/** lib/Channel.js. */
export interface Ssh2Channel extends Duplex {
  readonly incoming: { state: string; window: number };
  readonly outgoing: { id: number; state: string; window: number };
  readonly stderr: Readable;
  readonly _exit: { readonly code?: number | null };
  readonly _callbacks: readonly unknown[];
}

/** lib/client.js. */
export interface Ssh2Client {
  readonly _protocol: Ssh2Protocol;
  /** They wait for answers to requests, in order; they get an Error at the end. */
  readonly _callbacks: ((failure: unknown) => void)[];
  readonly _chanMgr: {
    get(id: number): Ssh2Channel | (() => void) | undefined;
  };
  emit(event: "error", error: unknown): boolean;
}

/**
 * The internals of a client on which `connect()` was called.
 *
 * @throws {Error} when a function that ftl replaces does not exist.
 */
export function internalsOf(client: Client): Ssh2Client {
  const { _protocol: protocol } = client as unknown as {
    _protocol?: Partial<Ssh2Protocol>;
  };
  const isKnown = typeof protocol?.parse === "function" &&
    typeof protocol._parse === "function" &&
    typeof protocol._onPayload === "function" &&
    typeof protocol._onWrite === "function" &&
    typeof protocol.ping === "function" &&
    typeof protocol.authPK === "function" &&
    typeof protocol._offer?.lists?.all === "object" &&
    typeof protocol._handlers?.USERAUTH_PK_OK === "function" &&
    typeof protocol._packetRW?.read?.read === "function";
  if (!isKnown) {
    throw new Error("Cannot guard connections: ssh2 has changed inside");
  }
  return client as unknown as Ssh2Client;
}

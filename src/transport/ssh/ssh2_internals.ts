// The parts of ssh2 1.17 that it does not document and we depend on, and the
// numbers of messages. tests/transport/ssh/packet_guard_test.ts fails when a new
// ssh2 moves one of them.
import type { Buffer } from "node:buffer";
import type { Duplex, Readable } from "node:stream";

/** Message numbers (RFC 4250, section 4.1.2). */
export const TYPE = {
  disconnect: 1,
  serviceAccept: 6,
  extInfo: 7,
  kexInit: 20,
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

/** lib/protocol/crypto.js: reads `_onPayload` anew for each packet. */
export interface Ssh2Decipher {
  _onPayload: OnPayload;
}

/** lib/protocol/Protocol.js. */
export interface Ssh2Protocol {
  _decipher: Ssh2Decipher | undefined;
  /** What every decipher is given; during a key exchange it has another. */
  readonly _onPayload: OnPayload;
  readonly _authenticated: boolean;
  readonly _authsQueue: readonly string[];
  /** Where in the chunk it stopped; undefined at its end. */
  _parse(chunk: Buffer, at: number, length: number): number | undefined;
  parse(chunk: Buffer, at: number, length: number): void;
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
  readonly _callbacks: readonly unknown[];
  readonly _chanMgr: {
    get(id: number): Ssh2Channel | (() => void) | undefined;
  };
  emit(event: "error", error: unknown): boolean;
}

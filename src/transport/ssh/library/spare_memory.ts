// What ssh2 keeps for each connection although all could share it, or although only
// the key exchange needs it: 8 KiB, which counts with ten thousand open hosts.
import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { Ssh2Offer, Ssh2Protocol } from "./ssh2_internals.ts";

/** More offers than this are not shared; a fleet has one or a few. */
const MAX_OFFERS = 100;

/** Offers of algorithms by their text. */
const offers = new Map<string, Ssh2Offer>();

/** Uses one offer of algorithms for all connections that make the same; ssh2 only
 * reads it (lib/protocol/kex.js, `kexinit()` and `handleKexInit()`). */
export function shareOffer(protocol: Ssh2Protocol): void {
  const key = protocol._offer.lists.all.toString("latin1");
  const known = offers.get(key);
  if (known !== undefined) protocol._offer = known;
  else if (offers.size < MAX_OFFERS) offers.set(key, protocol._offer);
}

/** More lines with a version than this are not shared; a fleet has a few. */
const MAX_LINES = 100;

/** Lines with the version of a server, by their text. */
const lines = new Map<string, Buffer>();

/** Where ssh2's chacha20 computes the MAC of one packet, to compare it at once. */
const scratch = Buffer.from(new ArrayBuffer(16));

/**
 * Lets go of what only a key exchange needs, once it is complete: its keys, and the
 * chunks of 8 KiB that Node takes small buffers from, of which the few that stay would
 * keep one or more for each connection.
 */
export function forgetExchange(protocol: Ssh2Protocol): void {
  const { _kex, _cipher, _decipher, _remoteIdentRaw: line } = protocol;
  if (_kex !== undefined) _kex._keys = null;
  if (line !== undefined) protocol._remoteIdentRaw = sharedLine(line);
  if (_decipher?._calcMac?.length === scratch.length) {
    _decipher._calcMac = scratch;
  }
  gatherBuffers([_kex, _cipher, _decipher]);
}

function sharedLine(line: Uint8Array): Buffer {
  const text = Buffer.from(line).toString("latin1");
  const known = lines.get(text);
  if (known !== undefined) return known;
  const own = Buffer.from(Uint8Array.from(line).buffer);
  if (lines.size < MAX_LINES) lines.set(text, own);
  return own;
}

/** Copies the buffers of objects into one. */
function gatherBuffers(objects: readonly (object | undefined)[]): void {
  const parts: [Record<string, unknown>, string, Uint8Array][] = [];
  let length = 0;
  for (const object of objects) {
    for (const [name, value] of Object.entries(object ?? {})) {
      if (!(value instanceof Uint8Array) || value === scratch) continue;
      parts.push([object as Record<string, unknown>, name, value]);
      length += value.length;
    }
  }
  const all = Buffer.from(new ArrayBuffer(length));
  let at = 0;
  for (const [object, name, bytes] of parts) {
    all.set(bytes, at);
    object[name] = all.subarray(at, at += bytes.length);
  }
}

/** Listeners by event, for Node: it has no property that is not a listener. */
class Listeners {}
Reflect.deleteProperty(Listeners.prototype, "constructor");
Object.setPrototypeOf(Listeners.prototype, null);

/**
 * Keeps the listeners of an emitter in an ordinary object. Node uses one without a
 * prototype, which V8 gives a table of up to 800 bytes.
 */
export function shrinkListeners(emitter: EventEmitter): void {
  const inside = emitter as unknown as { _events?: object };
  if (typeof inside._events !== "object") return;
  inside._events = Object.assign(new Listeners(), inside._events);
}

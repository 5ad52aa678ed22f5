// What ssh2 keeps for each connection although all could share it, or although only
// the key exchange needs it: 8 KiB, which counts with ten thousand open hosts.
import { Buffer } from "node:buffer";
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

/**
 * Lets go of what only a key exchange needs, once it is complete: its keys, and the
 * chunks of 8 KiB that Node takes small buffers from, of which the few that stay would
 * keep one or more for each connection.
 */
export function forgetExchange(protocol: Ssh2Protocol): void {
  const { _kex, _cipher, _decipher } = protocol;
  if (_kex !== undefined) _kex._keys = null;
  gatherBuffers(protocol, ["_remoteIdentRaw"]); // the others are shared
  for (const object of [_kex, _cipher, _decipher]) {
    if (object !== undefined) gatherBuffers(object, Object.keys(object));
  }
}

/** Copies the buffers of an object that are parts of others into one of their own. */
function gatherBuffers(object: object, names: readonly string[]): void {
  const members = object as Record<string, unknown>;
  const parts: [string, Uint8Array][] = [];
  for (const name of names) {
    const value = members[name];
    if (!(value instanceof Uint8Array)) continue;
    if (value.buffer.byteLength > value.length) parts.push([name, value]);
  }
  if (parts.length === 0) return;
  const length = parts.reduce((sum, [, { length }]) => sum + length, 0);
  const own = Buffer.from(new ArrayBuffer(length));
  let at = 0;
  for (const [name, bytes] of parts) {
    own.set(bytes, at);
    members[name] = own.subarray(at, at += bytes.length);
  }
}

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
 * chunk that the host's line with its version is a part of.
 */
export function forgetExchange(protocol: Ssh2Protocol): void {
  if (protocol._kex !== undefined) protocol._kex._keys = null;
  const line = protocol._remoteIdentRaw;
  if (line !== undefined && line.buffer.byteLength > line.length) {
    protocol._remoteIdentRaw = Buffer.from(Uint8Array.from(line).buffer);
  }
}

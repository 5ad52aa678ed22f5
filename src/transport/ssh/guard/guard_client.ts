// Puts ftl between a host and ssh2. This is the only place that sets hooks on
// ssh2's protocol object, in this order; what reaches ssh2 passes them from the
// last to the first:
//
// 1. `_packetRW` (WireGuard): the content of each decrypted message of a key
//    exchange.
// 2. `_onWrite` (WireGuard): counts the bytes that are sent.
// 3. `_kex` (shortenExponents): has each exchange use a short exponent.
// 4. `authPK` (signAtOnce): whether a host is first asked about a key.
// 5. `_onPayload`, also of each decipher (PacketGuard): which packets ssh2 gets.
// 6. `parse` (PacketGuard): when ssh2 gets them. Every error of a chunk, held
//    or not, ends the connection here.
import type { Duplex } from "node:stream";
import { type HandshakeTurn, PacketGuard } from "./packet_guard.ts";
import type { Client } from "../library/ssh2.ts";
import { internalsOf } from "../library/ssh2_internals.ts";
import { signAtOnce } from "../library/sign_at_once.ts";
import { shortenExponents } from "../library/short_exponent.ts";
import { forgetExchange, shareOffer } from "../library/spare_memory.ts";
import { WireGuard } from "./wire_guard.ts";

/**
 * Guards a client on which `connect()` was called in this turn of the event
 * loop.
 *
 * @param options `carrier` is destroyed when the host breaks a rule; `isExpected`
 *   tells whether the host is expected to take the key that is next; `turn`: no
 *   packet is read before it
 * @returns the guard that knows which host key was checked
 * @throws {Error} when ssh2 has no place for a hook.
 */
export function guardClient(
  client: Client,
  { carrier, isExpected, turn }: {
    carrier: Duplex;
    isExpected: () => boolean;
    turn: HandshakeTurn;
  },
): WireGuard {
  const internals = internalsOf(client);
  shareOffer(internals._protocol);
  const wire = new WireGuard(internals._protocol);
  shortenExponents(internals._protocol);
  signAtOnce(internals._protocol, isExpected);
  const packets = new PacketGuard(internals, { carrier, wire, turn });
  client.on("handshake", () => forgetExchange(internals._protocol));
  client.on("error", (error) => {
    const isFatal = "fatal" in error && error.fatal === true;
    // Later, so that all listeners get this error before the connection ends.
    if (isFatal) queueMicrotask(() => packets.end());
  });
  return wire;
}

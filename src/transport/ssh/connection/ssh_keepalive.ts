// Notices a host that is silent, as ServerAliveInterval does (ssh_config(5)): only a
// host that has sent nothing for an interval is asked for a sign of life. ssh2 asks
// every host, whatever it sends, and has a timer for each.
import type { Duplex } from "node:stream";
import { type Beating, sharedPulse } from "../../../async/pulse.ts";
import type { Ssh2Client } from "../library/ssh2_internals.ts";

/** A host is looked at this often in an interval, so that its silence ends in time. */
const LOOKS = 4;

/** What a keepalive needs of a connection. */
export interface KeepaliveParts {
  readonly client: Ssh2Client;
  readonly carrier: Duplex;
  /** Counts the bytes that have arrived. */
  readonly wire: { readonly bytesRead: number };
}

/** How long a host may be silent. */
export interface KeepaliveLimits {
  /** The silence after which it is asked, in milliseconds; 0 for never. */
  readonly ms: number;
  /** How many requests may stay without an answer. */
  readonly count: number;
}

/** Asks a silent host for signs of life, until its carrier has closed. */
export function keepAlive(
  parts: KeepaliveParts,
  { ms, count }: KeepaliveLimits,
): void {
  if (ms <= 0) return;
  const pulse = sharedPulse(ms / LOOKS);
  const keepalive = new SshKeepalive(parts, count);
  pulse.add(keepalive);
  parts.carrier.once("close", () => pulse.delete(keepalive));
}

class SshKeepalive implements Beating {
  readonly #parts: KeepaliveParts;
  readonly #count: number;
  #bytesRead: number;
  /** How many looks have found nothing new. */
  #silent = 0;

  constructor(parts: KeepaliveParts, count: number) {
    this.#parts = parts;
    this.#count = count;
    this.#bytesRead = parts.wire.bytesRead;
  }

  beat(): void {
    const { client, carrier, wire: { bytesRead } } = this.#parts;
    this.#silent = bytesRead === this.#bytesRead ? this.#silent + 1 : 0;
    this.#bytesRead = bytesRead;
    if (this.#silent === 0 || this.#silent % LOOKS > 0) return;
    if (this.#silent / LOOKS > this.#count) {
      const error = new Error("Keepalive timeout");
      client.emit("error", Object.assign(error, { level: "client-timeout" }));
      carrier.destroy();
    } else if (carrier.writable) {
      client._callbacks.push(answered); // ssh2 matches answers to it, in order
      client._protocol.ping();
    }
  }
}

function answered(): void {}

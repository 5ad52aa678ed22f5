// Diffie-Hellman with an exponent of 512 bits, as in OpenSSH: twice what the
// strongest cipher needs (RFC 4419, section 6.2). ssh2 uses one as long as the
// prime, and with group 18 blocks the event loop for a third of a second, twice.
//
// ssh2 stores the object of an exchange in `_kex` of its protocol and has it
// generate its keys after that, so the keys can be set there. The accessor is one of
// ssh2's class: one for each connection would take 2 KiB. Without it an exchange
// takes longer and is as secure.
import type { Buffer } from "node:buffer";
import {
  createDiffieHellman,
  createDiffieHellmanGroup,
  randomBytes,
} from "node:crypto";
import type { Ssh2KeyExchange } from "./ssh2_internals.ts";

const EXPONENT_BYTES = 64;

/** Where a protocol keeps what ssh2 stores in `_kex`. */
const CURRENT = Symbol("key exchange");

interface HookedProtocol {
  _kex: Ssh2KeyExchange | undefined;
  [CURRENT]?: Ssh2KeyExchange | undefined;
}

/** Makes every exchange of a protocol, and of later ones, use a short exponent. */
export function shortenExponents(protocol: HookedProtocol): void {
  const shared: HookedProtocol = Object.getPrototypeOf(protocol);
  if (!Object.hasOwn(shared, "_kex")) {
    Object.defineProperty(shared, "_kex", {
      get(this: HookedProtocol) {
        return this[CURRENT];
      },
      set(this: HookedProtocol, next: Ssh2KeyExchange | undefined) {
        this[CURRENT] = next;
        if (next?.type === "group" || next?.type === "groupex") {
          next.generateKeys = () => generateKeys(next);
        }
      },
    });
  }
  if (!Object.hasOwn(protocol, "_kex")) return;
  // It was made before its class had the accessor.
  const { _kex } = protocol;
  Reflect.deleteProperty(protocol, "_kex");
  protocol._kex = _kex;
}

function generateKeys(exchange: Ssh2KeyExchange): void {
  if (exchange._dh) return;
  const group = groupOf(exchange);
  if (group === undefined) return; // the host has not sent it yet
  const dh = createDiffieHellman(group.prime, group.generator);
  dh.setPrivateKey(randomBytes(EXPONENT_BYTES));
  exchange._dh = dh;
  exchange._public = dh.generateKeys();
}

function groupOf(
  { groupName, _prime, _generator }: Ssh2KeyExchange,
): { prime: Buffer; generator: Buffer } | undefined {
  if (groupName !== undefined) {
    const group = createDiffieHellmanGroup(groupName);
    return { prime: group.getPrime(), generator: group.getGenerator() };
  }
  if (!_prime || !_generator) return undefined;
  return { prime: _prime, generator: _generator };
}

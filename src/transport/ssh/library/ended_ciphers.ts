// Deno frees the memory of a cipher outside of the heap only when `final()` is
// called, and ssh2 rarely calls it. Its chacha20 makes three ciphers per packet in
// each direction and uses each once (lib/protocol/crypto.js,
// ChaChaPolyCipherNative and ChaChaPolyDecipherNative); ciphers of other
// algorithms are dropped with the connection or the old key. While ssh2 loads, it
// gets the functions here; no other code in the process does.
// See docs/deno-cipher-memory.md for Deno's behavior.
import type { Buffer } from "node:buffer";
import { chacha20, SHORT } from "./chacha20.ts";
import crypto, {
  type Cipher,
  type CipherGCM,
  type Decipher,
  type DecipherGCM,
} from "node:crypto";

// deno-lint-ignore no-explicit-any -- two overloaded functions become one
type Create = (...args: any[]) => any;

const { createCipheriv, createDecipheriv } = crypto;

/** Restores the functions of `node:crypto`, once ssh2 has loaded. */
export function restoreCrypto(): void {
  Object.assign(crypto, { createCipheriv, createDecipheriv });
}

// Classes: a closure for each cipher would triple the garbage.

/**
 * A cipher of chacha20 that is used once, at once: ssh2 writes the number of the next
 * block to the same bytes.
 */
class SingleUse {
  readonly #key: Uint8Array;
  readonly #start: Uint8Array;

  constructor(key: Uint8Array, start: Uint8Array) {
    this.#key = key;
    this.#start = start;
  }

  update(bytes: Uint8Array): Buffer {
    if (bytes.length <= SHORT) return chacha20(this.#key, this.#start, bytes);
    // Encrypting and decrypting are the same.
    const cipher = createCipheriv("chacha20", this.#key, this.#start);
    const result = cipher.update(bytes);
    cipher.final(); // returns nothing for a stream cipher
    return result;
  }
}

const dropped = new FinalizationRegistry<Cipher | Decipher>((cipher) => {
  try {
    cipher.final();
  } catch {
    // The packet was incomplete; the memory is freed anyway.
  }
});

/** The methods of a cipher that ssh2 calls; ends it when ssh2 drops it. */
class Dropped {
  readonly #cipher: CipherGCM & DecipherGCM;

  constructor(cipher: Cipher | Decipher) {
    this.#cipher = cipher as CipherGCM & DecipherGCM;
    dropped.register(this, cipher, this);
  }

  update(bytes: Uint8Array): Buffer {
    return this.#cipher.update(bytes);
  }

  final(): Buffer {
    dropped.unregister(this);
    return this.#cipher.final();
  }

  setAutoPadding(isOn: boolean): void {
    this.#cipher.setAutoPadding(isOn);
  }

  setAAD(bytes: Uint8Array): void {
    (this.#cipher.setAAD as (bytes: Uint8Array) => void)(bytes);
  }

  getAuthTag(): Buffer {
    return this.#cipher.getAuthTag();
  }

  setAuthTag(tag: Uint8Array): void {
    this.#cipher.setAuthTag(tag);
  }
}

function ending(create: Create): Create {
  return (...args) =>
    args[0] === "chacha20"
      ? new SingleUse(args[1], args[2])
      : new Dropped(create(...args));
}

Object.assign(crypto, {
  createCipheriv: ending(createCipheriv),
  createDecipheriv: ending(createDecipheriv),
});

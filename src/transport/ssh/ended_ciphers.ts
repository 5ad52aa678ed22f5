// Deno frees what a cipher holds outside of the heap when `final()` is called,
// and at no other time. ssh2 ends hardly any: its chacha20 makes three ciphers
// for a packet in each direction and uses each once (lib/protocol/crypto.js,
// ChaChaPolyCipherNative and ChaChaPolyDecipherNative), and those of other
// algorithms are dropped with the connection or the old key. While ssh2 loads,
// it is given these functions; nothing else in the process is.
// What Deno does: docs/deno-cipher-memory.md.
import type { Buffer } from "node:buffer";
import crypto, {
  type Cipher,
  type CipherGCM,
  type Decipher,
  type DecipherGCM,
} from "node:crypto";

// deno-lint-ignore no-explicit-any -- two overloaded functions become one
type Create = (...args: any[]) => any;

const { createCipheriv, createDecipheriv } = crypto;

/** Gives `node:crypto` its own functions back: ssh2 has taken ours. */
export function restoreCrypto(): void {
  Object.assign(crypto, { createCipheriv, createDecipheriv });
}

// Classes: a closure for each cipher would triple what waits to be collected.

/** A cipher for one text; a second `update()` throws. */
class SingleUse {
  readonly #cipher: Cipher | Decipher;

  constructor(cipher: Cipher | Decipher) {
    this.#cipher = cipher;
  }

  update(bytes: Uint8Array): Buffer {
    const result = this.#cipher.update(bytes);
    this.#cipher.final(); // a stream cipher has nothing left to give
    return result;
  }
}

const dropped = new FinalizationRegistry<Cipher | Decipher>((cipher) => {
  try {
    cipher.final();
  } catch {
    // Of a packet that never came whole: it is freed all the same.
  }
});

/** What ssh2 calls of a cipher; ends it when ssh2 has let go of it. */
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
      ? new SingleUse(create(...args))
      : new Dropped(create(...args));
}

Object.assign(crypto, {
  createCipheriv: ending(createCipheriv),
  createDecipheriv: ending(createDecipheriv),
});

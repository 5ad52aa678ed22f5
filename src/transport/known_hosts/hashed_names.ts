// Host names that known_hosts stores as hashes, each with its own salt (sshd(8)).
// Looking up a host costs one HMAC per line of the file. This one is ten times as
// fast as a general HMAC: the parts that depend only on the salt, or only on the
// name, are computed once. SHA-1: RFC 3174; HMAC: RFC 2104. It protects no secret.
import { base64Bytes } from "./base64_bytes.ts";

const DIGEST_BYTES = 20;
const BLOCK_BYTES = 64;
const START = Int32Array.of(
  0x67452301,
  0xefcdab89,
  0x98badcfe,
  0x10325476,
  0xc3d2e1f0,
);

/** Values by hashed names. */
export class HashedNames<T> {
  readonly #values: T[] = [];
  /** Entries that were added since the last lookup. */
  #added: { salt: string; hash: string; value: T }[] = [];
  /** For each value: the states after the inner and outer key, and the hash. */
  #words = new Int32Array(0);

  /** Adds a value; `salt` and `hash` are in base64. */
  add(name: { salt: string; hash: string }, value: T): void {
    this.#added.push({ ...name, value });
  }

  /** The values of a name. */
  find(name: string): T[] {
    this.#prepare();
    if (this.#values.length === 0) return [];
    const blocks = messageBlocks(new TextEncoder().encode(name));
    const outer = new Int32Array(80);
    outer[5] = 0x80000000;
    outer[15] = (BLOCK_BYTES + DIGEST_BYTES) * 8;
    const state = new Int32Array(5);
    const words = this.#words;
    return this.#values.filter((_, i) => {
      const at = i * 15;
      for (let j = 0; j < 5; j++) state[j] = words[at + j]!;
      for (const block of blocks) compress(state, block);
      for (let j = 0; j < 5; j++) {
        outer[j] = state[j]!;
        state[j] = words[at + 5 + j]!;
      }
      expand(outer);
      compress(state, outer);
      for (let j = 0; j < 5; j++) {
        if (state[j] !== words[at + 10 + j]) return false;
      }
      return true;
    });
  }

  /** Computes the states that depend on the salts; skips invalid entries. */
  #prepare(): void {
    if (this.#added.length === 0) return;
    const count = this.#values.length + this.#added.length;
    const words = new Int32Array(15 * count);
    words.set(this.#words);
    for (const { salt, hash, value } of this.#added) {
      const key = base64Bytes(salt);
      const digest = base64Bytes(hash);
      if (key?.length !== DIGEST_BYTES || digest?.length !== DIGEST_BYTES) {
        continue;
      }
      const view = new DataView(digest.buffer, digest.byteOffset);
      const at = 15 * this.#values.length;
      words.set(keyState(key, 0x36), at);
      words.set(keyState(key, 0x5c), at + 5);
      for (let i = 0; i < 5; i++) {
        words[at + 10 + i] = view.getInt32(4 * i);
      }
      this.#values.push(value);
    }
    this.#words = words.subarray(0, 15 * this.#values.length);
    this.#added = [];
  }
}

/** The state after the key, which fills the first block. */
function keyState(key: Uint8Array, pad: number): Int32Array {
  const bytes = new Uint8Array(BLOCK_BYTES).fill(pad);
  key.forEach((byte, i) => bytes[i] = byte ^ pad);
  const state = START.slice();
  compress(state, schedule(bytes));
  return state;
}

/** The padded blocks after the key, as message schedules. */
function messageBlocks(message: Uint8Array): Int32Array[] {
  const count = Math.ceil((message.length + 9) / BLOCK_BYTES);
  const bytes = new Uint8Array(count * BLOCK_BYTES);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const bits = (BLOCK_BYTES + message.length) * 8;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, bits);
  return Array.from(
    { length: count },
    (_, i) => schedule(bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)),
  );
}

function schedule(block: Uint8Array): Int32Array {
  const view = new DataView(block.buffer, block.byteOffset);
  const words = new Int32Array(80);
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(4 * i);
  expand(words);
  return words;
}

function expand(w: Int32Array): void {
  for (let i = 16; i < 80; i++) {
    const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
    w[i] = x << 1 | x >>> 31;
  }
}

/**
 * Compresses one block into the state. Four loops are faster than one with a
 * branch, and a large file runs them millions of times.
 */
function compress(state: Int32Array, w: Int32Array): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  for (let i = 0; i < 20; i++) {
    const f = (d ^ b & (c ^ d)) + 0x5a827999 | 0;
    const next = (a << 5 | a >>> 27) + f + e + w[i]! | 0;
    e = d;
    d = c;
    c = b << 30 | b >>> 2;
    b = a;
    a = next;
  }
  for (let i = 20; i < 40; i++) {
    const f = (b ^ c ^ d) + 0x6ed9eba1 | 0;
    const next = (a << 5 | a >>> 27) + f + e + w[i]! | 0;
    e = d;
    d = c;
    c = b << 30 | b >>> 2;
    b = a;
    a = next;
  }
  for (let i = 40; i < 60; i++) {
    const f = (b & c | d & (b | c)) + 0x8f1bbcdc | 0;
    const next = (a << 5 | a >>> 27) + f + e + w[i]! | 0;
    e = d;
    d = c;
    c = b << 30 | b >>> 2;
    b = a;
    a = next;
  }
  for (let i = 60; i < 80; i++) {
    const f = (b ^ c ^ d) + 0xca62c1d6 | 0;
    const next = (a << 5 | a >>> 27) + f + e + w[i]! | 0;
    e = d;
    d = c;
    c = b << 30 | b >>> 2;
    b = a;
    a = next;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
}

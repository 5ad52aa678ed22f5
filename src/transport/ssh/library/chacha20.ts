// ChaCha20 (RFC 8439, section 2) for short messages. Node's ciphers are streams, with
// 3 KiB of garbage each, and SSH needs three for each packet. Additions, rotations and
// XOR of 32 bits take the same time whatever their operands are, and nothing is looked
// up in a table.
import { Buffer } from "node:buffer";

/** Longer messages are faster by Node's cipher. */
export const SHORT = 256;

const BLOCK = 64;
const WORDS = 16;

/** "expand 32-byte k" as words (section 2.3). */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

/** The state of the message that is being encrypted; overwritten by the next one. */
const state = new Uint32Array(WORDS);
/** The key stream of one block. */
const stream = new Uint32Array(WORDS);
const streamBytes = new Uint8Array(stream.buffer);

/** Whether a word is stored as in the algorithm, with its lowest byte first. */
const IS_LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * Encrypts or decrypts a message.
 *
 * @param key 32 bytes
 * @param start 16 bytes: the number of the first block, and the nonce
 */
export function chacha20(
  key: Uint8Array,
  start: Uint8Array,
  message: Uint8Array,
): Buffer {
  state.set(CONSTANTS);
  for (let i = 0; i < 8; i++) state[4 + i] = wordAt(key, 4 * i);
  for (let i = 0; i < 4; i++) state[12 + i] = wordAt(start, 4 * i);
  const result = Buffer.allocUnsafe(message.length);
  for (let at = 0; at < message.length; at += BLOCK) {
    nextBlock();
    const length = Math.min(BLOCK, message.length - at);
    for (let i = 0; i < length; i++) {
      result[at + i] = message[at + i]! ^ streamBytes[i]!;
    }
    state[12]!++;
  }
  return result;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24;
}

/** Fills `stream` from `state`: ten rounds over columns and diagonals (section 2.3). */
function nextBlock(): void {
  stream.set(state);
  for (let round = 0; round < 10; round++) {
    quarter(0, 4, 8, 12);
    quarter(1, 5, 9, 13);
    quarter(2, 6, 10, 14);
    quarter(3, 7, 11, 15);
    quarter(0, 5, 10, 15);
    quarter(1, 6, 11, 12);
    quarter(2, 7, 8, 13);
    quarter(3, 4, 9, 14);
  }
  for (let i = 0; i < WORDS; i++) stream[i]! += state[i]!;
  if (!IS_LITTLE) Buffer.from(stream.buffer).swap32();
}

/** Section 2.1. */
function quarter(ia: number, ib: number, ic: number, id: number): void {
  let a = stream[ia]!;
  let b = stream[ib]!;
  let c = stream[ic]!;
  let d = stream[id]!;
  a = (a + b) | 0;
  d = rotated(d ^ a, 16);
  c = (c + d) | 0;
  b = rotated(b ^ c, 12);
  a = (a + b) | 0;
  d = rotated(d ^ a, 8);
  c = (c + d) | 0;
  b = rotated(b ^ c, 7);
  stream[ia] = a;
  stream[ib] = b;
  stream[ic] = c;
  stream[id] = d;
}

function rotated(word: number, bits: number): number {
  return word << bits | word >>> (32 - bits);
}

// The hashes of crypt(3): SHA-crypt (Drepper, "Unix crypt using SHA-256 and
// SHA-512", 2007) and the older one of MD5.

/** A method of crypt(3). */
export type CryptMethod = "md5" | "sha256" | "sha512";

/** How a password is hashed. */
export interface CryptOptions {
  readonly method: CryptMethod;
  readonly salt: string;
  /** Undefined: the default of the method, which is not written. */
  readonly rounds: number | undefined;
  hash(parts: readonly Uint8Array[]): Uint8Array;
}

const DIGITS =
  "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DEFAULT_ROUNDS = 5000;
const LEAST_ROUNDS = 1000;
const MD5_ROUNDS = 1000;

/** Hashes a password. */
export function hashPassword(password: string, options: CryptOptions): string {
  const key = new TextEncoder().encode(password);
  return options.method === "md5"
    ? md5Crypt(key, options)
    : shaCrypt(key, options);
}

function shaCrypt(
  key: Uint8Array,
  { method, salt, rounds, hash }: CryptOptions,
): string {
  const saltBytes = new TextEncoder().encode(salt);
  const inner = hash([key, saltBytes, key]);
  const start: Uint8Array[] = [key, saltBytes, stretch(inner, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) {
    start.push(bits & 1 ? inner : key);
  }
  let sum = hash(start);
  const p = stretch(hash(Array(key.length).fill(key)), key.length);
  const s = stretch(
    hash(Array(16 + sum[0]!).fill(saltBytes)),
    saltBytes.length,
  );
  const count = Math.max(rounds ?? DEFAULT_ROUNDS, LEAST_ROUNDS);
  for (let round = 0; round < count; round++) {
    const parts = [round & 1 ? p : sum];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(round & 1 ? sum : p);
    sum = hash(parts);
  }
  const id = method === "sha256" ? 5 : 6;
  const written = rounds === undefined ? "" : `rounds=${count}$`;
  return `$${id}$${written}${salt}$${shaDigits(sum)}`;
}

/** The bytes of a digest in the order in which crypt(3) writes them. */
function shaDigits(sum: Uint8Array): string {
  const size = sum.length;
  const third = Math.floor(size / 3);
  let text = "";
  let [a, b, c] = [0, third, 2 * third];
  for (let group = 0; group < third; group++) {
    text += digits([sum[a]!, sum[b]!, sum[c]!], 4);
    [a, b, c] = size === 64 ? [b + 1, c + 1, a + 1] : [c + 1, a + 1, b + 1];
  }
  return text +
    (size === 64
      ? digits([0, 0, sum[63]!], 2)
      : digits([0, sum[31]!, sum[30]!], 3));
}

function digits([high, middle, low]: number[], count: number): string {
  let value = high! << 16 | middle! << 8 | low!;
  let text = "";
  for (let digit = 0; digit < count; digit++) {
    text += DIGITS[value & 63];
    value >>= 6;
  }
  return text;
}

function stretch(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => bytes[at % bytes.length]!);
}

function md5Crypt(key: Uint8Array, { salt, hash }: CryptOptions): string {
  const saltBytes = new TextEncoder().encode(salt);
  const inner = hash([key, saltBytes, key]);
  const start: Uint8Array[] = [
    key,
    new TextEncoder().encode("$1$"),
    saltBytes,
    stretch(inner, key.length),
  ];
  for (let bits = key.length; bits > 0; bits >>= 1) {
    start.push(bits & 1 ? new Uint8Array(1) : key.subarray(0, 1));
  }
  let sum = hash(start);
  for (let round = 0; round < MD5_ROUNDS; round++) {
    const parts = [round & 1 ? key : sum];
    if (round % 3 !== 0) parts.push(saltBytes);
    if (round % 7 !== 0) parts.push(key);
    parts.push(round & 1 ? sum : key);
    sum = hash(parts);
  }
  let text = "";
  for (let group = 0; group < 5; group++) {
    const last = group === 4 ? 5 : group + 12;
    text += digits([sum[group]!, sum[group + 6]!, sum[last]!], 4);
  }
  return `$1$${salt}$${text}${digits([0, 0, sum[11]!], 2)}`;
}

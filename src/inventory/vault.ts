// Decrypts the output of `ansible-vault encrypt` and `encrypt_string` (formats 1.1
// and 1.2 of Ansible's vault documentation). Nothing is decrypted, and no password
// is requested, before a value is needed.

import { InventoryError } from "../errors.ts";

/** A password and its vault id; Ansible's id for none is `default`. */
export interface VaultPassword {
  /** The vault id. */
  readonly id: string;
  /** The password. */
  readonly password: string | Uint8Array;
}

/** Whether text is encrypted with Ansible Vault. */
export function isVaultText(text: string): boolean {
  return text.startsWith("$ANSIBLE_VAULT;");
}

/** Decrypts text with passwords that it requests once. */
export class Vault {
  readonly #find: () => Promise<readonly VaultPassword[]>;
  #passwords: Promise<readonly VaultPassword[]> | undefined;

  /**
   * Makes a vault that requests its passwords when the first is needed.
   *
   * @param find Returns all passwords; called once, unless it fails.
   */
  constructor(find: () => Promise<readonly VaultPassword[]>) {
    this.#find = find;
  }

  /**
   * Decrypts text. Passwords with the text's id are tried first, then all
   * others, because an id is only a label.
   *
   * @throws {Error} whose message is the end of a sentence: why it failed. Its hint,
   * if it has one, is what to do.
   */
  async decrypt(text: string): Promise<string> {
    return new TextDecoder().decode(await this.decryptBytes(text));
  }

  /**
   * Decrypts a text to the bytes of a file, which need not be text.
   *
   * @throws {Error} as `decrypt` does.
   */
  async decryptBytes(text: string): Promise<Uint8Array<ArrayBuffer>> {
    const envelope = open(text);
    this.#passwords ??= this.#find();
    const passwords = await this.#passwords.catch((error) => {
      this.#passwords = undefined; // a later call may ask again
      throw error;
    });
    const hasId = ({ id }: VaultPassword) => id === envelope.id;
    const others = passwords.filter((password) => !hasId(password));
    for (const { password } of [...passwords.filter(hasId), ...others]) {
      const plain = await decryptWith(password, envelope);
      if (plain !== undefined) return plain;
    }
    const count = passwords.length;
    const named = envelope.id === undefined
      ? ""
      : ` (its id is ${envelope.id})`;
    if (count === 0) {
      throw new InventoryError(`no vault password is set${named}`, {
        hint: "Give its vault password with `vault`",
      });
    }
    throw new Error(
      count === 1
        ? `the vault password is wrong${named}`
        : `none of the ${count} vault passwords is right${named}`,
    );
  }
}

interface Envelope {
  readonly id: string | undefined;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly hmac: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

/** `$ANSIBLE_VAULT;1.2;AES256;ID`, then hex of three lines of hex. */
function open(text: string): Envelope {
  const [header = "", ...lines] = text.trim().split(/\s*\r?\n\s*/);
  const [mark, version, cipher, id] = header.split(";");
  const isKnown = mark === "$ANSIBLE_VAULT" && cipher === "AES256" &&
    (version === "1.1" || version === "1.2");
  if (!isKnown) {
    throw new Error(`its format is unknown (${header.slice(0, 80)})`);
  }
  const inner = fromHex(lines.join(""));
  const parts = inner && new TextDecoder().decode(inner).split("\n");
  const [salt, hmac, ciphertext] = parts?.map(fromHex) ?? [];
  if (!salt || !hmac || !ciphertext) throw new Error("it is damaged");
  return { id, salt, hmac, ciphertext };
}

const KEY_BYTES = 32;
const BLOCK_BYTES = 16;
const ITERATIONS = 10_000;

/** Undefined when the password is wrong. */
async function decryptWith(
  password: string | Uint8Array,
  { salt, hmac, ciphertext }: Envelope,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { subtle } = crypto;
  const secret = await subtle.importKey(
    "raw",
    typeof password === "string"
      ? new TextEncoder().encode(password)
      : Uint8Array.from(password),
    "PBKDF2",
    false,
    ["deriveBits"],
  );
  const derived = new Uint8Array(
    await subtle.deriveBits(
      { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS },
      secret,
      8 * (2 * KEY_BYTES + BLOCK_BYTES),
    ),
  );
  const hmacKey = await subtle.importKey(
    "raw",
    derived.subarray(KEY_BYTES, 2 * KEY_BYTES),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  if (!await subtle.verify("HMAC", hmacKey, hmac, ciphertext)) return undefined;
  const key = await subtle.importKey(
    "raw",
    derived.subarray(0, KEY_BYTES),
    "AES-CTR",
    false,
    ["decrypt"],
  );
  const counter = derived.subarray(2 * KEY_BYTES);
  const padded = new Uint8Array(
    await subtle.decrypt(
      { name: "AES-CTR", counter, length: 128 },
      key,
      ciphertext,
    ),
  );
  // PKCS #7 (RFC 5652, 6.3); the HMAC was checked.
  const end = padded.length - (padded.at(-1) ?? 0);
  return padded.slice(0, end);
}

function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return undefined;
  return Uint8Array.fromHex(text);
}

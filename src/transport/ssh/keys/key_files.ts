// Private keys in files. A file is read once for all hosts, and its passphrase is
// asked for once, when the first host accepts the key.
import { Buffer } from "node:buffer";
import type { ParsedKey } from "../library/ssh2.ts";
import { exposureOf } from "../../../ownership.ts";
import { repairEcdsaKey } from "./ecdsa.ts";
import type { Identity, SigningHash } from "./identity.ts";
import { utils } from "../library/ssh2.ts";

/**
 * Asks for a file's passphrase; undefined when the user gives none.
 *
 * @param options `again`: the passphrase before was wrong.
 */
export type AskPassphrase = (
  file: string,
  options: { again: boolean },
) => Promise<string | undefined>;

/** How many passphrases are tried. */
const PASSPHRASE_TRIES = 3;

/** The key files of one run. */
export class KeyFiles {
  readonly #ask: AskPassphrase | undefined;
  readonly #identities = new Map<string, Promise<Identity>>();

  constructor(ask: AskPassphrase | undefined) {
    this.#ask = ask;
  }

  /**
   * Reads a key; the same promise for every host.
   *
   * @throws {Error} with the reason why the file cannot be used.
   */
  identity(path: string): Promise<Identity> {
    let identity = this.#identities.get(path);
    if (identity === undefined) {
      identity = this.#read(path);
      this.#identities.set(path, identity);
    }
    return identity;
  }

  async #read(path: string): Promise<Identity> {
    const text = await readKey(path);
    if (text === undefined) return await readPublicHalf(path);
    const key = parse(text);
    if (!(key instanceof Error)) {
      return key.isPrivateKey()
        ? new OpenKey(path, repairEcdsaKey(key))
        : new PublicKey(path, key, "it holds no private key");
    }
    if (!/passphrase/i.test(key.message)) {
      throw new Error(`it is not a key that ftl can read (${key.message})`);
    }
    const publicKey = await publicKeyOf(path, text);
    return this.#ask === undefined
      ? new PublicKey(path, publicKey, "it needs a passphrase")
      : new LockedKey(path, publicKey, { text, ask: this.#ask });
  }
}

/** A private key as text; undefined when the file does not exist. */
async function readKey(path: string): Promise<string | undefined> {
  try {
    const info = await Deno.stat(path);
    const { mode, uid, isFile, isDirectory } = info;
    // Reading a pipe could block forever.
    if (!isFile && !isDirectory) throw new Error("it is not a regular file");
    const exposure = exposureOf(path, "code", info);
    if (exposure?.isRefused) throw new Error(exposure.both);
    const text = await Deno.readTextFile(path);
    const isOpen = uid === Deno.uid() && ((mode ?? 0) & 0o077) !== 0;
    if (isOpen && text.includes("PRIVATE KEY")) {
      throw new Error(`other users can read it; run chmod 600 ${path}`);
    }
    return text;
  } catch (error) {
    const { IsADirectory, NotFound, PermissionDenied } = Deno.errors;
    if (error instanceof NotFound) return undefined;
    if (error instanceof IsADirectory) throw new Error("it is a folder");
    if (!(error instanceof PermissionDenied)) throw error;
    throw new Error("permission denied", { cause: error });
  }
}

/** ssh(1): a public key without its private key is for a key of the agent. */
async function readPublicHalf(path: string): Promise<Identity> {
  const text = await Deno.readTextFile(`${path}.pub`).catch(() => "");
  const key = parse(text);
  if (key instanceof Error) throw new Error("it does not exist");
  return new PublicKey(path, key, "only its public key exists");
}

/** A key that only an agent can sign with. */
class PublicKey implements Identity {
  readonly label: string;
  readonly publicKey: ParsedKey;
  readonly unusable: string;
  readonly locked = true;

  constructor(label: string, publicKey: ParsedKey, unusable: string) {
    this.label = label;
    this.publicKey = publicKey;
    this.unusable = unusable;
  }

  sign(): Promise<Buffer> {
    return Promise.reject(new Error(this.unusable));
  }
}

class OpenKey implements Identity {
  readonly label: string;
  readonly privateKey: ParsedKey;
  readonly locked = false;

  constructor(label: string, key: ParsedKey) {
    this.label = label;
    this.privateKey = key;
  }

  get publicKey(): ParsedKey {
    return this.privateKey;
  }

  sign(data: Buffer, hash: SigningHash | undefined): Promise<Buffer> {
    return signWith(this.privateKey, data, hash);
  }
}

class LockedKey implements Identity {
  readonly label: string;
  readonly publicKey: ParsedKey;
  readonly #text: string;
  readonly #ask: AskPassphrase;
  #key: Promise<ParsedKey> | undefined;
  #locked = true;

  constructor(
    label: string,
    publicKey: ParsedKey,
    { text, ask }: { text: string; ask: AskPassphrase },
  ) {
    this.label = label;
    this.publicKey = publicKey;
    this.#text = text;
    this.#ask = ask;
  }

  get locked(): boolean {
    return this.#locked;
  }

  async sign(data: Buffer, hash: SigningHash | undefined): Promise<Buffer> {
    this.#key ??= this.#unlock();
    return signWith(await this.#key, data, hash);
  }

  async #unlock(): Promise<ParsedKey> {
    try {
      for (let i = 0; i < PASSPHRASE_TRIES; i++) {
        const passphrase = await this.#ask(this.label, { again: i > 0 });
        if (passphrase === undefined) {
          throw new Error("no passphrase was given");
        }
        const key = parse(this.#text, passphrase);
        if (key instanceof Error) continue;
        this.#locked = false;
        return privateKey(key);
      }
      throw new Error("the passphrase is wrong");
    } catch (error) {
      // A question that was canceled may be asked again.
      if (isAbort(error)) this.#key = undefined;
      else this.#locked = false;
      throw error;
    }
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function parse(text: string, passphrase?: string): ParsedKey | Error {
  const key: unknown = utils.parseKey(text, passphrase);
  // OpenSSH's format could hold several keys; a file of ssh-keygen holds one.
  return (Array.isArray(key) ? key[0] : key) as ParsedKey | Error;
}

function privateKey(key: ParsedKey): ParsedKey {
  if (!key.isPrivateKey()) throw new Error("it holds no private key");
  return repairEcdsaKey(key);
}

// deno-lint-ignore require-await -- errors must become rejections
async function signWith(
  key: ParsedKey,
  data: Buffer,
  hash: SigningHash | undefined,
): Promise<Buffer> {
  const signature: Buffer | Error = key.sign(data, hash);
  if (signature instanceof Error) throw signature;
  return signature;
}

/** The public key of an encrypted key: in the file itself, or in its `.pub`. */
async function publicKeyOf(path: string, text: string): Promise<ParsedKey> {
  const own = publicBlobOf(text);
  const source = own ?? await Deno.readTextFile(`${path}.pub`).catch(() => {
    throw new Error(`it is encrypted, and ${path}.pub cannot be read`);
  });
  const key = utils.parseKey(source);
  if (key instanceof Error) throw key;
  return key;
}

/** In OpenSSH's format (PROTOCOL.key) only the private half is encrypted. */
function publicBlobOf(text: string): Buffer | undefined {
  const armor = /-BEGIN OPENSSH PRIVATE KEY-+([^-]+)-/.exec(text)?.[1];
  if (armor === undefined) return undefined;
  const bytes = Buffer.from(armor, "base64");
  let at = "openssh-key-v1\0".length;
  const readString = () => {
    const start = at + 4;
    at = start + bytes.readUInt32BE(at);
    return bytes.subarray(start, at);
  };
  readString(); // cipher
  readString(); // key derivation
  readString(); // its options
  at += 4; // number of keys
  return readString();
}

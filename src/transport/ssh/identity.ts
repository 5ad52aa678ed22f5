// A key to log in with, wherever it is kept. ssh2 tries keys of files and keys
// of an agent by different ways; here both are an Identity, so that they can be
// tried in any order, and a file is decrypted only when a host wants its key.
import type { Buffer } from "node:buffer";
import {
  BaseAgent,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from "ssh2";

/** The hash that an RSA signature is made with. */
export type SigningHash = "sha1" | "sha256" | "sha512";

/** A key pair that can be asked to sign. */
export interface Identity {
  /** How errors speak of it. */
  readonly label: string;
  readonly publicKey: ParsedKey;
  /** True when somebody must be asked before it can sign. */
  readonly locked: boolean;
  sign(data: Buffer, hash: SigningHash | undefined): Promise<Buffer>;
}

/** An agent, for ssh2, that has one identity. */
export class OneKeyAgent extends BaseAgent<ParsedKey> {
  readonly #identity: Identity;
  readonly #sign: Identity["sign"];

  /** @param sign signs in place of the identity itself; see `Login` */
  constructor(identity: Identity, sign: Identity["sign"]) {
    super();
    this.#identity = identity;
    this.#sign = sign;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(undefined, [this.#identity.publicKey]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === "function" ? options : callback;
    const hash = typeof options === "function" ? undefined : options.hash;
    this.#sign(data, hash).then(
      (signature) => done?.(undefined, signature),
      (error) => done?.(error),
    );
  }
}

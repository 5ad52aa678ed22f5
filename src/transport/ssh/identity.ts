// A key to log in with, wherever it is kept. What ssh2 lets an agent do (sign
// later) is what a file needs whose passphrase is asked for; so both are an
// Identity, and are tried in any order.
import type { Buffer } from "node:buffer";
import type {
  IdentityCallback,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from "./ssh2.ts";
import { BaseAgent } from "./ssh2.ts";

/** The hash that an RSA signature is made with. */
export type SigningHash = "sha1" | "sha256" | "sha512";

/** A key pair that can be asked to sign. */
export interface Identity {
  /** How errors speak of it. */
  readonly label: string;
  readonly publicKey: ParsedKey;
  /** The private key, when it is at hand and can sign at once. */
  readonly privateKey?: ParsedKey;
  /** True when somebody must be asked before it can sign. */
  readonly locked: boolean;
  /** Why it cannot sign at all; an agent may have it too, and sign. */
  readonly unusable?: string;
  sign(data: Buffer, hash: SigningHash | undefined): Promise<Buffer>;
}

/** An agent, for ssh2, that has one identity. */
export class OneKeyAgent extends BaseAgent<ParsedKey> {
  readonly #identity: Identity;
  readonly #sign: Identity["sign"];
  readonly #fail: (error: unknown) => void;

  /**
   * @param options `sign`: signs in place of the identity itself; `fail`: gets
   * what goes wrong once there is a signature.
   */
  constructor(
    identity: Identity,
    options: { sign: Identity["sign"]; fail: (error: unknown) => void },
  ) {
    super();
    this.#identity = identity;
    this.#sign = options.sign;
    this.#fail = options.fail;
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
    ).catch(this.#fail);
  }
}

// A key to log in with, from a file or an agent. ssh2 lets an agent sign later, and
// a file whose passphrase is asked for needs the same; so both are an Identity,
// and can be tried in any order.
import type { Buffer } from "node:buffer";
import type {
  IdentityCallback,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from "../library/ssh2.ts";
import { createHash } from "node:crypto";
import type { LoginWay } from "../../login_memory.ts";
import { BaseAgent } from "../library/ssh2.ts";

/** The hash that an RSA signature is made with. */
export type SigningHash = "sha1" | "sha256" | "sha512";

/** A key pair that can be asked to sign. */
export interface Identity {
  /** Its name in errors. */
  readonly label: string;
  readonly publicKey: ParsedKey;
  /** The private key, when it can sign immediately. */
  readonly privateKey?: ParsedKey;
  /** True when the user must be asked before it can sign. */
  readonly locked: boolean;
  /** Why it cannot sign at all; an agent that has the same key may. */
  readonly unusable?: string;
  sign(data: Buffer, hash: SigningHash | undefined): Promise<Buffer>;
}

/** The way of logging in with a key, as it is remembered. */
export function wayOf({ publicKey }: Identity): LoginWay {
  const hash = createHash("sha256").update(publicKey.getPublicSSH());
  return `key ${hash.digest("hex")}`;
}

/** One identity in the form of an agent, for ssh2. */
export class OneKeyAgent extends BaseAgent<ParsedKey> {
  readonly #identity: Identity;
  readonly #sign: Identity["sign"];
  readonly #fail: (error: unknown) => void;

  /**
   * @param options `sign`: signs instead of the identity itself; `fail`: gets
   * errors that happen after the signature.
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

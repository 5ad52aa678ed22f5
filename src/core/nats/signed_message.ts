// The form of what a sender says to workers: the grant of the run's key, and bytes that
// this key signed. Without a key to sign with, both are left out.
//
//   length of the grant (4, big endian) | grant | signed call (signed.ts), or bytes
import { FtlError } from "../../errors.ts";
import type { GrantedKeys } from "./run_key.ts";
import { makeRunKey, signGrant } from "./run_key.ts";
import type { SeenCalls } from "./seen_calls.ts";
import { signCall, unverifiedCall, verifyCall } from "./signed.ts";
import type { SigningKey } from "./signing_key.ts";

/** For how long a message is valid: as long as the streams keep it. */
const LIFETIME_MS = 24 * 3600_000;

/** Signs what the sender of one run says. */
export class RunSigner {
  readonly #run: string;
  readonly #sender: string;
  readonly #runKey: SigningKey | undefined;
  readonly #grant: Uint8Array;

  private constructor(
    { run, sender, runKey, grant }: {
      run: string;
      sender: string;
      runKey?: SigningKey;
      grant: Uint8Array;
    },
  ) {
    this.#run = run;
    this.#sender = sender;
    this.#runKey = runKey;
    this.#grant = grant;
  }

  /**
   * Makes the key of a run, and signs its grant.
   *
   * @param options `key`: the sender's own. Default: nothing is signed.
   * @throws {FtlError} when the key does not sign.
   */
  static async make(
    { run, sender, key }: {
      run: string;
      sender: string;
      key: SigningKey | undefined;
    },
  ): Promise<RunSigner> {
    if (key === undefined) {
      return new RunSigner({ run, sender, grant: new Uint8Array() });
    }
    const runKey = await makeRunKey();
    const grant = await signGrant(runKey, {
      ...{ key, run, sender },
      lifetimeMs: LIFETIME_MS,
    });
    return new RunSigner({ run, sender, runKey, grant });
  }

  /** A message for a recipient. */
  async sign(bytes: Uint8Array, recipient: string): Promise<Uint8Array> {
    const signed = this.#runKey === undefined ? bytes : await signCall(bytes, {
      key: this.#runKey,
      ...{ run: this.#run, sender: this.#sender, recipient },
      lifetimeMs: LIFETIME_MS,
    });
    const message = new Uint8Array(4 + this.#grant.length + signed.length);
    new DataView(message.buffer).setUint32(0, this.#grant.length);
    message.set(this.#grant, 4);
    message.set(signed, 4 + this.#grant.length);
    return message;
  }
}

/** The senders that a worker allows, and what it remembers of their calls. */
export interface SenderTrust {
  readonly granted: GrantedKeys;
  readonly seen: SeenCalls;
}

/** What a message says, and who signed it. */
export interface VerifiedMessage {
  readonly body: Uint8Array;
  /** The fingerprint of the sender's own key; undefined when it is not signed. */
  readonly signer: string | undefined;
  /** Undefined unless it was verified. */
  readonly call:
    | { readonly id: string; readonly run: string; readonly expires: number }
    | undefined;
}

/**
 * Opens a message of a sender.
 *
 * @param options `trust`: default: everybody whom the NATS server lets in.
 * @throws {FtlError} when it is malformed, or not from an allowed sender.
 */
export async function openMessage(
  message: Uint8Array,
  { trust, recipients }: {
    trust: SenderTrust | undefined;
    recipients: readonly string[];
  },
): Promise<VerifiedMessage> {
  const bytes = Uint8Array.from(message);
  const length = bytes.length < 4
    ? Infinity
    : new DataView(bytes.buffer).getUint32(0);
  if (length > bytes.length - 4) {
    throw new FtlError("Cannot accept a call: it was cut on the way");
  }
  const grant = bytes.subarray(4, 4 + length);
  const signed = bytes.subarray(4 + length);
  if (trust === undefined) {
    if (length === 0) {
      return { body: signed, signer: undefined, call: undefined };
    }
    const { body } = unverifiedCall(signed);
    const { fingerprint } = unverifiedCall(grant);
    return { body, signer: fingerprint, call: undefined };
  }
  if (length === 0) {
    throw new FtlError("Cannot accept a call: it is not signed", {
      hint: "Name the key that signs with --sign-key",
    });
  }
  await trust.granted.admit(grant);
  const { body, signer, id, run, expires } = await verifyCall(signed, {
    allowed: trust.granted,
    recipients,
  });
  return { body, signer: signer.fingerprint, call: { id, run, expires } };
}

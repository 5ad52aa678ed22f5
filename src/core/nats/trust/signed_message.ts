// The form of what a sender says to workers: the grant of the run's key, and bytes that
// this key signed. Without a key to sign with, both are left out.
//
//   length of the grant (4, big endian) | grant | signed call (signed.ts), or bytes
import { FtlError } from "../../../errors.ts";
import type { ExchangeKey } from "./exchange_key.ts";
import {
  type GrantedKeys,
  makeRunKey,
  receiverIn,
  signGrant,
} from "./run_key.ts";
import { makeRunReceiver } from "./run_receivers.ts";
import type { SeenCalls } from "./seen_calls.ts";
import {
  type CallStatement,
  signCall,
  unverifiedCall,
  verifyCall,
} from "./signed.ts";
import type { SigningKey } from "./signing_key.ts";

/** For how long a message is valid: as long as the streams keep it. */
const LIFETIME_MS = 24 * 3600_000;

/** Signs what the sender of one run says. */
export class RunSigner {
  readonly #run: string;
  readonly #sender: string;
  readonly #runKey: SigningKey | undefined;
  readonly #grant: Uint8Array;
  /** The key that events are sealed for; undefined when nothing is signed. */
  readonly receiver: ExchangeKey | undefined;

  private constructor(
    { run, sender, runKey, receiver, grant }: {
      run: string;
      sender: string;
      runKey?: SigningKey;
      receiver?: ExchangeKey;
      grant: Uint8Array;
    },
  ) {
    this.receiver = receiver;
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
    const receiver = await makeRunReceiver(run);
    const grant = await signGrant(runKey, {
      ...{ key, run, sender },
      receiver: receiver.publicKey,
      lifetimeMs: LIFETIME_MS,
    });
    return new RunSigner({ run, sender, runKey, receiver, grant });
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
  /** The folder of the files about hosts that the worker has begun. */
  readonly folder: string;
}

/** What a message says, and who signed it. */
export interface VerifiedMessage {
  readonly body: Uint8Array;
  /** The fingerprint of the sender's own key; undefined when it is not signed. */
  readonly signer: string | undefined;
  /** The public key that events of the run are sealed for. Default: they are not. */
  readonly receiver: Uint8Array | undefined;
  /** Undefined unless it was verified. */
  readonly call:
    | Pick<CallStatement, "id" | "run" | "expires">
    | undefined;
}

/**
 * The public key that the grant in a message of a sender names; nothing is verified.
 * Undefined when there is none.
 */
export function receiverClaimedBy(message: Uint8Array): Uint8Array | undefined {
  try {
    const { grant } = partsOf(message);
    return receiverIn(unverifiedCall(grant).body);
  } catch {
    return undefined;
  }
}

/** @throws {FtlError} when the message was cut. */
function partsOf(message: Uint8Array) {
  const bytes = Uint8Array.from(message);
  const length = bytes.length < 4
    ? Infinity
    : new DataView(bytes.buffer).getUint32(0);
  if (length > bytes.length - 4) {
    throw new FtlError("Cannot accept a call: it was cut on the way");
  }
  return {
    grant: bytes.subarray(4, 4 + length),
    signed: bytes.subarray(4 + length),
  };
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
  const { grant, signed } = partsOf(message);
  if (trust === undefined) {
    if (grant.length === 0) {
      const nothing = { signer: undefined, receiver: undefined };
      return { body: signed, ...nothing, call: undefined };
    }
    const { body } = unverifiedCall(signed);
    const granted = unverifiedCall(grant);
    return {
      body,
      signer: granted.fingerprint,
      receiver: receiverIn(granted.body),
      call: undefined,
    };
  }
  if (grant.length === 0) {
    throw new FtlError("Cannot accept a call: it is not signed", {
      hint: "Name the key that signs with --sign-key",
    });
  }
  const { receiver } = await trust.granted.admit(grant);
  const { body, signer, id, run, expires } = await verifyCall(signed, {
    allowed: trust.granted,
    recipients,
  });
  return {
    ...{ body, receiver },
    signer: signer.fingerprint,
    call: { id, run, expires },
  };
}

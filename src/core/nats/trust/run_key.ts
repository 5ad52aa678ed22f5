// The key of one run. The sender's SSH key signs one grant, which names an ed25519 key
// that exists for this run only; that key signs the run's calls. So an agent is asked
// once for each run, and a call costs no round trip to it. A grant is a signed call
// (signed.ts) whose body has two lines: the run's key as OpenSSH writes it, and the
// key that the run's events are sealed for, in base64.
import { FtlError } from "../../../errors.ts";
import { encodePacket } from "../../../transport/openssh/mux_packet.ts";
import { fingerprint } from "../../../transport/ssh/host_key/verify_host_key.ts";
import type { AllowedSenders } from "./allowed_senders.ts";
import {
  type CallSigner,
  type SenderKeys,
  signCall,
  type SignOptions,
  verifyCall,
  type VerifyOptions,
} from "./signed.ts";
import type { SigningKey } from "./signing_key.ts";
import { signWith } from "./ssh_signature.ts";

/** What grants are addressed to: every worker that allows the sender. */
const RECIPIENT = "every worker";

/** The most grants that a worker remembers at a time. */
const MAX_GRANTS = 1000;

const TYPE = "ssh-ed25519";

/** Makes a key that exists in this process only. */
export async function makeRunKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    "Ed25519",
    false,
    ["sign", "verify"],
  ) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  const blob = encodePacket([], [TYPE, raw]).subarray(4);
  return {
    fingerprint: fingerprint(blob),
    line: `${TYPE} ${blob.toBase64()}`,
    sign: (message, namespace) =>
      signWith(message, {
        namespace,
        publicKey: blob,
        algorithm: TYPE,
        sign: async (data) =>
          new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, data)),
      }),
    close: () => {},
  };
}

/**
 * Signs the grant of a run's key with the sender's key.
 *
 * @param options `key`: the sender's own; `receiver`: the public key that events are
 * sealed for; `lifetimeMs`: for how long the run's key may sign.
 * @throws {FtlError} when the sender's key does not sign.
 */
export function signGrant(
  runKey: SigningKey,
  { receiver, ...options }: Omit<SignOptions, "recipient"> & {
    readonly receiver: Uint8Array;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const body = new TextEncoder().encode(
    `${runKey.line}\n${receiver.toBase64()}`,
  );
  return signCall(body, { ...options, recipient: RECIPIENT });
}

/** What a grant that was verified says. */
export interface Grant {
  /** The id of its run. */
  readonly run: string;
  /** The key that the run's events are sealed for (sealed_events.ts). */
  readonly receiver: Uint8Array<ArrayBuffer>;
}

interface KnownGrant extends CallSigner {
  readonly run: string;
  readonly expires: number;
  /** The key that signed the grant. */
  readonly grantedBy: Uint8Array;
}

interface AdmittedGrant extends KnownGrant {
  /** The run's key, in hex. */
  readonly key: string;
  readonly grant: Grant;
}

/** The keys of runs that allowed senders have granted to sign calls. */
export class GrantedKeys implements SenderKeys {
  readonly #allowed: AllowedSenders;
  readonly #most: number;
  readonly #grants = new Map<string, KnownGrant>();
  /** Grants that were verified, by their bytes. */
  readonly #admitted = new Map<string, AdmittedGrant>();

  /** @param options `most`: how many grants are kept at a time; default 1000. */
  constructor(allowed: AllowedSenders, { most = MAX_GRANTS } = {}) {
    this.#allowed = allowed;
    this.#most = most;
  }

  /**
   * Verifies a grant. The same one may come again.
   *
   * @param now in ms since 1970. Default: now.
   * @throws {FtlError} that says why it is refused.
   */
  async admit(bytes: Uint8Array, now: number = Date.now()): Promise<Grant> {
    // All messages of a run have the same one; `require()` looks at its sender again.
    const text = bytes.toHex();
    const known = this.#admitted.get(text);
    if (known !== undefined && known.expires > now) {
      this.#grants.set(known.key, known);
      return known.grant;
    }
    const options: VerifyOptions = {
      allowed: this.#allowed,
      recipients: [RECIPIENT],
      now,
    };
    const { run, expires, signer, body } = await verifyCall(bytes, options);
    const { publicKey, receiver } = parseBody(new TextDecoder().decode(body));
    if (publicKey === undefined || receiver === undefined) {
      throw new FtlError("Cannot accept a grant: its keys are malformed", {
        hint: "Use the same version of ftl for the run and its workers",
      });
    }
    for (const [key, grant] of this.#grants) {
      if (grant.expires <= now) this.#grants.delete(key);
    }
    for (const [key, grant] of this.#admitted) {
      if (grant.expires <= now) this.#admitted.delete(key);
    }
    const key = publicKey.toHex();
    if (this.#grants.size >= this.#most && !this.#grants.has(key)) {
      throw new FtlError(
        `Cannot accept a grant: ${this.#most} runs have not expired yet`,
        { hint: "Wait until some have, or start another worker" },
      );
    }
    const granted = {
      ...{ run, expires, ...signer },
      grantedBy: signer.publicKey,
    };
    const grant = { run, receiver };
    this.#grants.set(key, granted);
    // A sender can sign any number of grants of one key.
    if (this.#admitted.size >= this.#most) this.#admitted.clear();
    this.#admitted.set(text, { ...granted, key, grant });
    return grant;
  }

  /**
   * The signer of a run's key. A sender that is no longer allowed is refused also
   * when its grant is still valid.
   *
   * @throws {FtlError} when the key was not granted, or no longer counts.
   */
  async require(
    publicKey: Uint8Array,
    { namespace, now }: { namespace: string; now: number },
  ): Promise<CallSigner> {
    const grant = this.#grants.get(publicKey.toHex());
    if (grant === undefined || grant.expires <= now) {
      throw new FtlError(
        `Cannot accept a call: no allowed sender has granted the key ${
          fingerprint(publicKey)
        }`,
        { hint: "Run it again; its grant expired or did not arrive" },
      );
    }
    await this.#allowed.require(grant.grantedBy, { namespace, now });
    return grant;
  }
}

/**
 * The key in the body of a grant that events are sealed for; nothing is verified.
 *
 * @throws {FtlError} when it is malformed.
 */
export function receiverIn(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const { receiver } = parseBody(new TextDecoder().decode(body));
  if (receiver !== undefined) return receiver;
  throw new FtlError("Cannot accept a grant: its keys are malformed");
}

function parseBody(text: string) {
  const [line = "", base64 = "", ...rest] = text.split("\n");
  const isWhole = /^[A-Za-z0-9+/]{43}=$/.test(base64) && rest.length === 0;
  return {
    publicKey: keyOfLine(line),
    receiver: isWhole ? Uint8Array.fromBase64(base64) : undefined,
  };
}

/** The bytes of a run's key; undefined unless it is a whole ed25519 key. */
function keyOfLine(line: string): Uint8Array | undefined {
  const [type, base64 = "", ...rest] = line.split(" ");
  if (type !== TYPE || rest.length > 0) return undefined;
  // Type and key with their lengths have 51 bytes, which is 68 characters.
  if (!/^[A-Za-z0-9+/]{68}$/.test(base64)) return undefined;
  const blob = Uint8Array.fromBase64(base64);
  const expected = encodePacket([], [TYPE, blob.subarray(-32)]).subarray(4);
  return expected.toHex() === blob.toHex() ? blob : undefined;
}

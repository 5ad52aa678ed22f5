// Signed calls: what a worker takes from NATS counts only when a sender that it allows
// has signed it. A NATS server, and everybody who may publish there, can withhold or
// repeat such a call and do nothing else with it.
//
//   "ftl-call" | version 1 (1) | length of the statement (4, big endian) | statement
//   | length of the signature (4) | signature (PROTOCOL.sshsig) | body
//
// The statement is JSON; its bytes are what is signed, in the namespace `ftl-call`:
//   {id, run, recipient, sender, sha256, issued, expires}
// with the SHA-256 of the body in hex, and times in ms since 1970.
import { createHash } from "node:crypto";
import { FtlError, messageOf } from "../../../errors.ts";
import { fingerprint } from "../../../transport/ssh/host_key/verify_host_key.ts";
import { isSignatureOf, parseSshSignature } from "./ssh_signature.ts";
import type { SigningKey } from "./signing_key.ts";

/** The namespace of the signatures. */
export const CALL_NAMESPACE = "ftl-call";

/** How far the clocks of a sender and a worker may be apart. */
export const MAX_CLOCK_SKEW_MS = 60_000;

/** The longest time for which a call may be valid: workers remember calls so long. */
export const MAX_CALL_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** The longest statement. */
const MAX_STATEMENT_BYTES = 16 * 1024;
const MAX_SIGNATURE_BYTES = 16 * 1024;

/** The last time that a Date can hold, in ms since 1970. */
const MAX_TIME = 8.64e15;

/** The longest text in a statement. */
const MAX_TEXT = 1024;

const START = Uint8Array.from([...new TextEncoder().encode("ftl-call"), 1]);

/** What a sender states about a call. */
export interface CallStatement {
  /** Another for each call: a UUID. It is accepted once (seen_calls.ts). */
  readonly id: string;
  /** The id of the run. */
  readonly run: string;
  /** For whom it is: `site NAME`, or `worker ftl-worker-…`. */
  readonly recipient: string;
  /** How the sender calls itself; any text, so a worker shows `signer` instead. */
  readonly sender: string;
  /** When it was signed, in ms since 1970. */
  readonly issued: number;
  /** From when on it is refused, in ms since 1970. */
  readonly expires: number;
}

/** The signer of a call. */
export interface CallSigner {
  /** The sender, as the worker's list names its key. */
  readonly name: string;
  /** The fingerprint of the sender's key: `SHA256:…`. */
  readonly fingerprint: string;
  /** The only run that the key may sign calls of. Default: any. */
  readonly run?: string;
}

/** The keys whose calls a worker runs: those of senders, or those of their runs. */
export interface SenderKeys {
  /** @throws {FtlError} that says why the key does not count. */
  require(
    publicKey: Uint8Array,
    options: { namespace: string; now: number },
  ): Promise<CallSigner>;
}

/** A call whose signature was verified. */
export interface VerifiedCall extends CallStatement {
  readonly signer: CallSigner & {
    /** The key that signed it, in OpenSSH's form. */
    readonly publicKey: Uint8Array;
  };
  readonly body: Uint8Array<ArrayBuffer>;
}

/** How a call is signed. */
export interface SignOptions
  extends Pick<CallStatement, "run" | "recipient" | "sender"> {
  readonly key: SigningKey;
  /** For how long it is valid, in ms; at most seven days. */
  readonly lifetimeMs: number;
  /** The time, in ms since 1970. Default: now. */
  readonly now?: number;
}

/**
 * Signs a call.
 *
 * @throws {RangeError} when it would be valid for too long.
 * @throws {FtlError} when the key does not sign.
 */
export async function signCall(
  body: Uint8Array,
  { key, lifetimeMs, now = Date.now(), run, recipient, sender }: SignOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!(lifetimeMs > 0 && lifetimeMs <= MAX_CALL_LIFETIME_MS)) {
    throw new RangeError(`Cannot sign a call for ${lifetimeMs} ms`);
  }
  const id = crypto.randomUUID();
  const times = { issued: now, expires: now + lifetimeMs };
  const text = { id, run, recipient, sender, sha256: sha256(body) };
  const statement = new TextEncoder().encode(
    JSON.stringify({ ...text, ...times }),
  );
  const signature = await key.sign(statement, CALL_NAMESPACE);
  const parts = [
    START,
    ...[uint32(statement.length), statement],
    ...[uint32(signature.length), signature],
    body,
  ];
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

/** What a call is verified against. */
export interface VerifyOptions {
  readonly allowed: SenderKeys;
  /** The recipients that this worker is. */
  readonly recipients: readonly string[];
  /** The time, in ms since 1970. Default: now. */
  readonly now?: number;
}

/**
 * Verifies a call. It may have come before: see seen_calls.ts.
 *
 * @throws {FtlError} that says why it is refused. Its text is about "a call", and
 * names the key by its fingerprint once the signature is verified.
 */
export async function verifyCall(
  bytes: Uint8Array,
  { allowed, recipients, now = Date.now() }: VerifyOptions,
): Promise<VerifiedCall> {
  const { statement, signature, body } = split(bytes);
  const signed = readSigned(signature);
  if (signed.namespace !== CALL_NAMESPACE) {
    throw refusal("it was signed for another purpose", RESEND);
  }
  // Before the signature: keys that came with a call are never used.
  const sender = await allowed.require(signed.publicKey, {
    namespace: CALL_NAMESPACE,
    now,
  });
  const { name, fingerprint } = sender;
  const signer = { name, fingerprint, publicKey: signed.publicKey };
  if (!await isSignatureOf(signed, statement)) {
    throw refusal(
      `its signature of ${fingerprint} is not valid: it was changed on the way`,
      RESEND,
    );
  }
  const call = readStatement(statement);
  if (sender.run !== undefined && sender.run !== call.run) {
    throw refusal(
      `${name} (${fingerprint}) granted its key to run ${sender.run} only`,
      RESEND,
    );
  }
  if (call.sha256 !== sha256(body)) {
    throw refusal(
      `its content is not what ${name} (${fingerprint}) signed`,
      RESEND,
    );
  }
  if (!recipients.includes(call.recipient)) {
    throw refusal(
      `${name} (${fingerprint}) signed it for ${call.recipient}, and this is ${
        recipients.join(" and ")
      }`,
      RESEND,
    );
  }
  checkTimes(call, { signer, now });
  const { sha256: _, ...stated } = call;
  return { ...stated, signer, body };
}

/**
 * The body of a call, and the fingerprint of the key that it says it was signed with.
 * Nothing is verified: this is for workers that let everybody in.
 *
 * @throws {FtlError} when it is malformed.
 */
export function unverifiedCall(
  bytes: Uint8Array,
): { body: Uint8Array<ArrayBuffer>; fingerprint: string } {
  const { signature, body } = split(bytes);
  return { body, fingerprint: fingerprint(readSigned(signature).publicKey) };
}

const RESEND =
  "Run it again; if this repeats, check who can write to the NATS server";

function checkTimes(
  { issued, expires }: CallStatement,
  { signer: { name, fingerprint }, now }: {
    signer: VerifiedCall["signer"];
    now: number;
  },
): void {
  const who = `${name} (${fingerprint})`;
  const clocks = `its sender's clock read ${time(issued)}, and here it is ${
    time(now)
  }`;
  const hint =
    "Set both clocks, for example with chrony; they may differ by 60 s";
  if (issued > now + MAX_CLOCK_SKEW_MS) {
    const ahead = Math.round((issued - now) / 1000);
    throw refusal(
      `${who} signed it ${ahead} s in the future: when it was signed, ${clocks}`,
      hint,
    );
  }
  if (expires <= issued || expires - issued > MAX_CALL_LIFETIME_MS) {
    throw refusal(`${who} signed it for longer than seven days`, RESEND);
  }
  if (now >= expires) {
    throw refusal(
      `it expired at ${time(expires)}: when ${who} signed it, ${clocks}`,
      `Run it again. If it was started just now: ${hint[0]!.toLowerCase()}${
        hint.slice(1)
      }`,
    );
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

interface Parts {
  readonly statement: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
  readonly body: Uint8Array<ArrayBuffer>;
}

function split(given: Uint8Array): Parts {
  const bytes = Uint8Array.from(given);
  if (START.some((byte, i) => bytes[i] !== byte)) {
    throw refusal(
      "it does not have the form of this version of ftl",
      "Use the same version of ftl for the run and its workers",
    );
  }
  const view = new DataView(bytes.buffer);
  let at = START.length;
  const next = (most: number) => {
    const length = at + 4 <= bytes.length ? view.getUint32(at) : Infinity;
    const start = at + 4;
    if (length > most || start + length > bytes.length) {
      throw refusal("it was cut on the way", RESEND);
    }
    at = start + length;
    return bytes.subarray(start, at);
  };
  const statement = next(MAX_STATEMENT_BYTES);
  const signature = next(MAX_SIGNATURE_BYTES);
  return { statement, signature, body: bytes.subarray(at) };
}

function readSigned(signature: Uint8Array) {
  try {
    return parseSshSignature(signature);
  } catch (error) {
    throw refusal(messageOf(error), RESEND);
  }
}

/** The statement of an allowed sender, which may still be of another build. */
function readStatement(
  statement: Uint8Array,
): CallStatement & { readonly sha256: string } {
  const value = parseJson(statement);
  const isText = (name: string) =>
    typeof value[name] === "string" && value[name].length <= MAX_TEXT;
  const isTime = (name: string) =>
    Number.isInteger(value[name]) &&
    Math.abs(value[name] as number) <= MAX_TIME;
  const isWhole =
    ["id", "run", "recipient", "sender", "sha256"].every(isText) &&
    ["issued", "expires"].every(isTime);
  if (!isWhole) {
    throw refusal(
      "its statement is not complete",
      "Use the same version of ftl for the run and its workers",
    );
  }
  const { id, run, recipient, sender, sha256, issued, expires } =
    value as unknown as CallStatement & { sha256: string };
  return { id, run, recipient, sender, sha256, issued, expires };
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null
      ? value as Record<string, unknown>
      : {};
  } catch {
    return {}; // it is not JSON, so nothing is in it
  }
}

function refusal(why: string, hint: string): FtlError {
  return new FtlError(`Cannot accept a call: ${why}`, { hint });
}

/** WebCrypto would take a thread. */
function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function uint32(number: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

// The senders whose calls a worker runs: a file in the format of OpenSSH's
// allowed_signers (ssh-keygen(1)), or plain lines of public keys as in authorized_keys.
// It decides trust, so others must not be able to write it. A line that ftl cannot
// honor makes the whole file an error: guessing could let in the wrong key.
import { Buffer } from "node:buffer";
import { FtlError, messageOf } from "../../../errors.ts";
import { matchesPatterns } from "../../../transport/openssh_patterns.ts";
import { utils } from "../../../transport/ssh/library/ssh2.ts";
import { fingerprint } from "../../../transport/ssh/host_key/verify_host_key.ts";
import type { CallSigner, SenderKeys } from "./signed.ts";
import { SIGNING_KEY_TYPES } from "./ssh_signature.ts";
import { trustedFile } from "./trusted_file.ts";

/** One line of the file. */
export interface AllowedSender extends CallSigner {
  /** The line's first principal; else its comment; else the key's fingerprint. */
  readonly name: string;
  readonly fingerprint: string;
  /** The public key, in OpenSSH's form. */
  readonly publicKey: Uint8Array;
  /** Counted from 1. */
  readonly line: number;
  /** `namespaces`: patterns of what the key may sign. Default: everything. */
  readonly namespaces: readonly string[] | undefined;
  /** `valid-after`, in ms since 1970. */
  readonly validAfter: number | undefined;
  /** `valid-before`, in ms since 1970. */
  readonly validBefore: number | undefined;
}

/** The file, read again whenever it has changed. */
export class AllowedSenders implements SenderKeys {
  readonly #path: string;
  #read: { readonly stamp: string; readonly list: AllowedSender[] } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * The lines of the file.
   *
   * @throws {FtlError} when it cannot be read, others could write to it, or a line
   * is wrong.
   */
  async list(): Promise<readonly AllowedSender[]> {
    const path = this.#path;
    try {
      const info = await trustedFile(path);
      const stamp = [info.mtime?.getTime(), info.size, info.ino].join();
      if (this.#read?.stamp === stamp) return this.#read.list;
      const list = parseAllowedSenders(await Deno.readTextFile(path), path);
      this.#read = { stamp, list };
      return list;
    } catch (cause) {
      if (cause instanceof FtlError) throw cause;
      throw new FtlError(
        `Cannot read the allowed senders in ${path}: ${messageOf(cause)}`,
        { hint: "Name a file of public keys, one on a line", cause },
      );
    }
  }

  /**
   * The line that lets a key sign in a namespace.
   *
   * @param now in ms since 1970
   * @throws {FtlError} when no line does so.
   */
  async require(
    publicKey: Uint8Array,
    { namespace, now }: { namespace: string; now: number },
  ): Promise<AllowedSender> {
    const key = publicKey.toHex();
    const lines = (await this.list())
      .filter((line) => line.publicKey.toHex() === key);
    const found = lines.find((line) =>
      whyNot(line, { namespace, now }) === undefined
    );
    if (found !== undefined) return found;
    const [line] = lines;
    const why = line === undefined
      ? `the key ${fingerprint(publicKey)} is not in ${this.#path}`
      : `the key ${fingerprint(publicKey)} (${this.#path}:${line.line}) ${
        whyNot(line, { namespace, now })
      }`;
    throw new FtlError(`Cannot accept a call: ${why}`, {
      hint: line === undefined
        ? "Add the sender's public key to this file if it may run calls here"
        : "Correct the options of this line if the key may run calls here",
    });
  }
}

function whyNot(
  { namespaces, validAfter, validBefore }: AllowedSender,
  { namespace, now }: { namespace: string; now: number },
): string | undefined {
  if (namespaces && !matchesPatterns(namespace, namespaces)) {
    return `is not for the namespace ${namespace}`;
  }
  if (validAfter !== undefined && now < validAfter) {
    return `is valid after ${new Date(validAfter).toISOString()} only`;
  }
  if (validBefore !== undefined && now >= validBefore) {
    return `was valid before ${new Date(validBefore).toISOString()} only`;
  }
  return undefined;
}

/**
 * Reads the lines of a file.
 *
 * @param file Its name in errors.
 * @throws {FtlError} with file and line when a line is wrong.
 */
export function parseAllowedSenders(
  text: string,
  file: string,
): AllowedSender[] {
  return text.split(/\r?\n/).flatMap((raw, i) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return [];
    try {
      return [parseLine(line, i + 1)];
    } catch (cause) {
      if (cause instanceof FtlError) throw cause;
      throw new FtlError(
        `Cannot read ${file}:${i + 1}: ${messageOf(cause)}`,
        {
          hint:
            "Write NAME ssh-ed25519 AAAA…, as in OpenSSH's allowed_signers file",
          cause,
        },
      );
    }
  });
}

function parseLine(text: string, line: number): AllowedSender {
  // A word may hold spaces in quotes.
  const words = text.match(/(?:[^\s"]|"[^"]*")+|"/g) ?? [];
  const at = words.findIndex((word) =>
    /^(?:ssh|ecdsa|sk)-[\w@.-]+$/.test(word)
  );
  if (at === -1) throw new Error("it has no public key");
  if (at > 2) throw new Error("it has too many words before the key");
  const [principals, options = ""] = words.slice(0, at);
  // The options of authorized_keys stand first.
  if (principals !== undefined && /["=]|^(?:restrict|cert-)/.test(principals)) {
    throw new Error(`the option ${principals} is not supported here`);
  }
  const [type, base64 = "", ...comment] = words.slice(at) as [string];
  const publicKey = parseKey(type, base64);
  const name = principals?.split(",").find((word) => !/[*?!]/.test(word)) ??
    (comment.join(" ") || fingerprint(publicKey));
  return {
    ...{ name, publicKey, line, fingerprint: fingerprint(publicKey) },
    ...parseOptions(options),
  };
}

function parseKey(type: string, base64: string): Uint8Array {
  if (!SIGNING_KEY_TYPES.includes(type)) {
    throw new Error(
      `${type} keys are not supported; ${SIGNING_KEY_TYPES.join(", ")} are`,
    );
  }
  const parsed = utils.parseKey(`${type} ${base64}`);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  const publicKey = /^[A-Za-z0-9+/]+={0,2}$/.test(base64)
    ? Buffer.from(base64, "base64")
    : Buffer.alloc(0);
  // What follows the key, or another form of it, would be another fingerprint.
  const isWhole = key !== undefined && !(key instanceof Error) &&
    key.getPublicSSH().equals(publicKey);
  if (!isWhole) throw new Error("its public key is damaged");
  return publicKey;
}

type LineOptions = Pick<
  AllowedSender,
  "namespaces" | "validAfter" | "validBefore"
>;

function parseOptions(text: string): LineOptions {
  const options: { -readonly [K in keyof LineOptions]: LineOptions[K] } = {
    namespaces: undefined,
    validAfter: undefined,
    validBefore: undefined,
  };
  for (const option of text.match(/(?:[^,"]|"[^"]*")+/g) ?? []) {
    const [, name, value] = /^([\w-]+)="([^"]*)"$/.exec(option) ?? [];
    const key = name?.toLowerCase();
    if (key === "namespaces") options.namespaces = value!.split(",");
    else if (key === "valid-after") options.validAfter = parseTime(value!);
    else if (key === "valid-before") options.validBefore = parseTime(value!);
    else throw new Error(`the option ${option} is not supported`);
  }
  return options;
}

/** YYYYMMDD, then HHMM or HHMMSS, then Z for UTC; else this machine's time. */
function parseTime(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/.exec(text);
  const [, year, month, day, hour = "00", minute = "00", second = "00", zone] =
    match ?? [];
  const time = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`,
  );
  if (match === null || Number.isNaN(time)) {
    throw new Error(`${text} is not a time like 20261231 or 202612312359Z`);
  }
  return time;
}

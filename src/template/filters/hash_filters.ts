// hash, checksum, password_hash, to_uuid.
import { LazyModule } from "../lazy_module.ts";
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { toCount } from "../values/numbers.ts";
import { toText } from "../values/printed_text.ts";
import { type CryptMethod, hashPassword } from "./password_crypt.ts";

const nodeCrypto = new LazyModule(() => import("node:crypto"));

/** A digest, in hexadecimal. */
function digest(text: string, algorithm: string): string {
  const { createHash } = nodeCrypto.get();
  const name = algorithm.toLowerCase().replace(/^sha3_/, "sha3-");
  try {
    return createHash(name).update(text).digest("hex");
  } catch {
    throw new TemplateError(`unsupported hash type ${algorithm}`);
  }
}

const METHODS: ReadonlyMap<string, CryptMethod> = new Map([
  ["md5", "md5"],
  ["md5_crypt", "md5"],
  ["sha256", "sha256"],
  ["sha256_crypt", "sha256"],
  ["sha512", "sha512"],
  ["sha512_crypt", "sha512"],
]);

/** Rounds beyond this would hold up all other hosts. */
const MAX_ROUNDS = 1_000_000;
const SALT_LETTERS =
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./";

const passwordHash: Filter = [
  "hashtype? salt? salt_size? rounds? ident?",
  (value, { args }, { controller }) => {
    const type = toText(args.hashtype ?? "sha512");
    const method = METHODS.get(type);
    if (method === undefined) {
      throw new TemplateError(
        `password_hash has no type '${type}' in ftl: use sha512, sha256 or md5`,
      );
    }
    const longest = method === "md5" ? 8 : 16;
    const size = toCount(args.salt_size ?? BigInt(longest));
    const salt =
      args.salt === undefined || args.salt === null || args.salt === ""
        ? Array.from(
          { length: Math.min(size, longest) },
          () => SALT_LETTERS[controller.random(SALT_LETTERS.length)],
        ).join("")
        : toText(args.salt);
    if (!/^[./0-9A-Za-z]*$/.test(salt)) {
      throw new TemplateError("invalid characters in salt");
    }
    if (salt.length > longest) throw new TemplateError("invalid salt size");
    const { rounds } = args;
    const count = rounds === undefined || rounds === null
      ? undefined
      : toCount(rounds);
    if (count !== undefined && count > MAX_ROUNDS) {
      throw new TemplateError(
        `password_hash takes at most ${MAX_ROUNDS} rounds in ftl`,
      );
    }
    const { createHash } = nodeCrypto.get();
    return hashPassword(toText(value), {
      method,
      salt,
      rounds: count,
      hash: (parts) => {
        const hash = createHash(method);
        for (const part of parts) hash.update(part);
        return hash.digest();
      },
    });
  },
];

const ANSIBLE_NAMESPACE = "361e6d51-faec-444a-9079-341386da8e2e";

/** The filters of this file. */
export const HASH_FILTERS: Readonly<Record<string, Filter>> = {
  hash: [
    "hashtype?",
    (value, { args }) => digest(toText(value), toText(args.hashtype ?? "sha1")),
  ],
  sha1: ["", (value) => digest(toText(value), "sha1")],
  md5: ["", (value) => digest(toText(value), "md5")],
  checksum: ["", (value) => digest(toText(value), "sha1")],
  password_hash: passwordHash,
  to_uuid: ["namespace?", (value, { args }) => {
    const { createHash } = nodeCrypto.get();
    const namespace = toText(args.namespace ?? ANSIBLE_NAMESPACE)
      .replace(/[{}-]|^urn:uuid:/g, "");
    if (!/^[\da-f]{32}$/i.test(namespace)) {
      throw new TemplateError(
        `Invalid value '${toText(args.namespace!)}' for 'namespace'`,
      );
    }
    const bytes = createHash("sha1").update(Uint8Array.fromHex(namespace))
      .update(toText(value)).digest().subarray(0, 16);
    bytes[6] = bytes[6]! & 0x0f | 0x50; // version 5 (RFC 9562, section 5.5)
    bytes[8] = bytes[8]! & 0x3f | 0x80;
    return bytes.toString("hex")
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }],
};

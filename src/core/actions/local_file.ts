// Content for a host: a file on the controller, or a string in the arguments.
import { basename } from "@std/path";
import { createHash } from "node:crypto";
import { messageOf } from "../../errors.ts";
import { NO_VAULT } from "../../inventory/secret_value.ts";
import { isVaultText, type Vault } from "../../inventory/vault.ts";
import { isObject } from "../../protocol/body.ts";
import type { Json } from "../../protocol/message.ts";
import type { LocalFile } from "../work/local_source.ts";
import { fail } from "./action_result.ts";
import { findLocal } from "./find_local.ts";

/** How a file on the controller is opened. */
export interface LocalFileOptions {
  readonly vault: Vault | undefined;
  /** False leaves a file encrypted. */
  readonly decrypt: boolean;
}

/**
 * A file on the controller; ends the action when it does not exist. As in
 * Ansible, a file that Ansible Vault encrypted is sent decrypted.
 */
export async function openLocal(
  path: string,
  { vault, decrypt }: LocalFileOptions,
): Promise<LocalFile> {
  const full = await findLocal(path, "files");
  try {
    const { size, mode, isFile } = await Deno.stat(full);
    if (!isFile) fail(`could not find src=${path}, it is not a file`);
    const about = {
      name: basename(full),
      path: full,
      mode: (mode ?? 0o644) & 0o7777,
    };
    if (decrypt && await isEncrypted(full)) {
      const bytes = await decryptLocal(full, vault);
      return {
        ...about,
        size: bytes.length,
        open: () => Promise.resolve(new Blob([bytes]).stream()),
      };
    }
    return {
      ...about,
      size,
      open: async () => (await Deno.open(full)).readable,
    };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    fail(`Could not find or access '${path}' on this machine`);
  }
}

/** Whether a file starts as ansible-vault writes it. */
async function isEncrypted(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const start = new Uint8Array(MARK_BYTES);
  const size = await file.read(start) ?? 0;
  return isVaultText(new TextDecoder().decode(start.subarray(0, size)));
}

const MARK_BYTES = 16;

async function decryptLocal(
  path: string,
  vault: Vault = NO_VAULT,
): Promise<Uint8Array<ArrayBuffer>> {
  const text = await Deno.readTextFile(path);
  return await vault.decryptBytes(text).catch((cause) =>
    fail(
      `Cannot send ${path}: it is encrypted with Ansible Vault, and ${
        messageOf(cause)
      }`,
    )
  );
}

/** A string in the arguments; objects and lists are written as JSON. */
export function openText(content: Json): LocalFile {
  const text = isObject(content) || Array.isArray(content) || content === null
    ? pythonJson(content)
    : String(content);
  const bytes = new TextEncoder().encode(text);
  return {
    name: "content",
    path: "dynamically generated",
    size: bytes.length,
    mode: undefined,
    open: () => Promise.resolve(new Blob([bytes]).stream()),
  };
}

/** A digest of content, in hexadecimal. */
export async function digest(
  file: LocalFile,
  algorithm: "md5" | "sha1",
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of await file.open()) hash.update(chunk);
  return hash.digest("hex");
}

/** JSON as Python writes it: spaces after `,` and `:`, and ASCII only. */
function pythonJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (isObject(value)) {
    const members = Object.entries(value)
      .map(([key, each]) => `${pythonJson(key)}: ${pythonJson(each)}`);
    return `{${members.join(", ")}}`;
  }
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

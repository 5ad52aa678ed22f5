// Files that Ansible Vault encrypted as a whole. What they hold stays secret after
// it is decrypted, whatever its type.
import type { ReadingOptions } from "./format/document.ts";
import type { TextFile } from "./format/inventory_text.ts";
import { hintOf, messageOf } from "../errors.ts";
import { NO_VAULT, VaultValue } from "./secret_value.ts";
import { errorAt, type TextPlace } from "./text_place.ts";
import { isVaultText } from "./vault.ts";

/**
 * Decrypts a file that is encrypted; returns any other file unchanged.
 *
 * @throws {Error} of `fault` when it cannot be decrypted.
 */
export async function decryptFile(
  { file, text }: TextFile,
  { vault = NO_VAULT, fault = errorAt }: Omit<ReadingOptions, "warn">,
): Promise<TextFile> {
  if (!isVaultText(text)) return { file, text };
  try {
    return { file, text: await vault.decrypt(text) };
  } catch (cause) {
    throw fault(
      { file, line: 1 },
      `the file is encrypted with Ansible Vault, and ${
        messageOf(cause).replace(/^Cannot/, "cannot")
      }`,
      { hint: hintOf(cause), cause },
    );
  }
}

/** Makes each value secret, at any depth; nothing can be learned from null. */
export function seal(value: unknown, place: TextPlace): unknown {
  if (value === null || value instanceof VaultValue) return value;
  if (Array.isArray(value)) return value.map((item) => seal(item, place));
  if (!isMap(value)) return VaultValue.inFile(value, place);
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, member] of Object.entries(value)) {
    object[name] = seal(member, place);
  }
  return object;
}

/** Whether a value is a mapping, and not an object that stands for a scalar. */
function isMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

// JSON as inventories use it. JSON.parse tells no places, so that what comes
// from JSON is known by its file alone.
import { UnsafeText, VaultValue } from "../secret_value.ts";
import type { Vault } from "../vault.ts";
import { type DocumentNode, nodeOf } from "./document.ts";
import type { TextFile } from "./inventory_text.ts";

/**
 * Parses JSON. Ansible's marks for encrypted and for unsafe values
 * (`__ansible_vault`, `__ansible_unsafe`) become what they stand for.
 *
 * @throws {SyntaxError} when it is not JSON.
 */
export function parseJsonInventory(
  { text, file }: TextFile,
  vault?: Vault,
): DocumentNode {
  const place = { file, line: 0 };
  const revive = (_key: string, value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const { __ansible_vault: encrypted, __ansible_unsafe: unsafe } =
      value as Record<string, unknown>;
    if (typeof encrypted === "string") {
      return VaultValue.encrypted(encrypted, { ...place, vault });
    }
    return typeof unsafe === "string" ? new UnsafeText(unsafe) : value;
  };
  // A reviver makes parsing several times slower, and the marks are rare.
  const data: unknown = text.includes('"__ansible_')
    ? JSON.parse(text, revive)
    : JSON.parse(text);
  return nodeOf(data, place);
}

// Decrypts values where they are used. Their texts are secrets from then on.
import { UnsafeText, VaultValue } from "../../inventory/secret_value.ts";
import { ExactNumber } from "../../json/exact_number.ts";

/** How values are decrypted. */
export interface Revealing {
  /** What needs them, for the error. */
  readonly needed: string;
  /** Called with each text and number that was encrypted. */
  readonly onSecret: (text: string) => void;
}

/**
 * Decrypts everything in a value.
 *
 * @throws {InventoryError} when it cannot be decrypted.
 */
export async function revealed(
  value: unknown,
  options: Revealing,
): Promise<unknown> {
  if (value instanceof VaultValue) {
    const plain = await value.reveal(options.needed);
    // Masking `true` everywhere would hide half of a result.
    if (typeof plain !== "boolean") options.onSecret(String(plain));
    return plain;
  }
  if (Array.isArray(value)) {
    return await Promise.all(value.map((item) => revealed(item, options)));
  }
  if (isLeaf(value)) return value;
  const members = Object.entries(value).map(async ([name, member]) =>
    [name, await revealed(member, options)] as const
  );
  return Object.fromEntries(await Promise.all(members));
}

/** Whether a value has no members; some values are objects of ours. */
export function isLeaf(value: unknown): value is Exclude<unknown, object> {
  return typeof value !== "object" || value === null ||
    value instanceof UnsafeText || value instanceof VaultValue ||
    value instanceof ExactNumber;
}

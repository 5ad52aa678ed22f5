// Decrypts values where they are used. Their texts are secrets from then on.
import { UnsafeText, VaultValue } from "../../inventory/secret_value.ts";

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
  if (!isMap(value)) return value;
  const members = Object.entries(value).map(async ([name, member]) =>
    [name, await revealed(member, options)] as const
  );
  return Object.fromEntries(await Promise.all(members));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    !(value instanceof UnsafeText);
}

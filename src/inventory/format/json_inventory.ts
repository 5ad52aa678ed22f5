// JSON as inventories use it. JSON.parse reports no places, so values from JSON
// have the place of their file. Depth and number of values are bounded before
// parsing, because later steps recurse into values.
import { parseExact } from "../../json/exact_json.ts";
import { excessOf } from "../../json/json_bounds.ts";
import { repeatedKeys } from "../../json/repeated_keys.ts";
import { errorAt } from "../text_place.ts";
import { UnsafeText, VaultValue } from "../secret_value.ts";
import {
  alreadyIn,
  type DocumentNode,
  isRecord,
  nodeOf,
  type ReadingOptions,
} from "./document.ts";
import type { TextFile } from "./inventory_text.ts";

const MAX_DEPTH = 500;
const MAX_VALUES = 10_000_000;

/**
 * Parses JSON. Ansible's marks for encrypted and for unsafe values
 * (`__ansible_vault`, `__ansible_unsafe`) become such values.
 *
 * @throws {SyntaxError} when it is not JSON.
 * @throws {Error} of `fault` when it is nested too deeply or holds too much.
 */
export function parseJsonInventory(
  { text, file }: TextFile,
  { vault, fault = errorAt, warn }: Partial<ReadingOptions> = {},
): DocumentNode {
  const place = { file, line: 0 };
  const excess = excessOf(text, {
    maxDepth: MAX_DEPTH,
    maxValues: MAX_VALUES,
  });
  if (excess !== undefined) throw fault(place, excess);
  const data = parseExact(text);
  if (warn !== undefined) {
    for (const { key, line, earlierLine } of repeatedKeys(text)) {
      warn({ file, line }, alreadyIn(key, earlierLine));
    }
  }
  if (!text.includes('"__ansible_')) return nodeOf(data, place);
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read);
    if (!isRecord(value)) return value;
    const { __ansible_vault: encrypted, __ansible_unsafe: unsafe } = value;
    if (typeof encrypted === "string") {
      return VaultValue.encrypted(encrypted, { ...place, vault });
    }
    if (typeof unsafe === "string") return new UnsafeText(unsafe);
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, read(member)]),
    );
  };
  return nodeOf(read(data), place);
}

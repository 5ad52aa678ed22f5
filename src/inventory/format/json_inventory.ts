// JSON as inventories use it. JSON.parse reports no places, so values from JSON
// have the place of their file. Depth and number of values are bounded before
// parsing, because later steps recurse into values.
import { parseExact } from "../../json/exact_json.ts";
import { repeatedKeys } from "../../json/repeated_keys.ts";
import { endOfString } from "../../json/string_end.ts";
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

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

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
  const excess = excessOf(text);
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

/** Which bound the text exceeds, as the end of a sentence; linear in its length. */
function excessOf(text: string): string | undefined {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth++;
        values++;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
        values++;
    }
    if (depth > MAX_DEPTH) {
      return `it is nested more than ${MAX_DEPTH} levels deep`;
    }
    if (values > MAX_VALUES) return `it holds more than ${MAX_VALUES} values`;
  }
  return undefined;
}

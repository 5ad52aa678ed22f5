// What YAML's tags make of a value, by PyYAML's constructors. Values for which
// JSON has no form become the nearest one that loses nothing: a set is a list of
// its members, pairs are lists of two, binary data is the text that it holds.
import { markUnsafe } from "../mark_unsafe.ts";
import {
  isoDate,
  parseFloatText,
  parseInteger,
  resolvePlain,
} from "./yaml_scalar.ts";

/** The prefix of the tags that are written `!!name`. */
export const CORE_TAG = "tag:yaml.org,2002:";

/** The types that a mapping can have. */
export type MapType = "map" | "set";

/** The types that a list can have. */
export type ListType = "list" | "pairs";

/** The type of a mapping with a tag; undefined for a tag that it cannot have. */
export function mapTypeOf(tag: string | undefined): MapType | undefined {
  switch (tag) {
    case undefined:
    case "!":
    case "!unsafe":
    case `${CORE_TAG}map`:
    case `${CORE_TAG}python/dict`:
      return "map";
    case `${CORE_TAG}set`:
      return "set";
    default:
      return undefined;
  }
}

/** The type of a list with a tag; undefined for a tag that it cannot have. */
export function listTypeOf(tag: string | undefined): ListType | undefined {
  switch (tag) {
    case undefined:
    case "!":
    case "!unsafe":
    case `${CORE_TAG}seq`:
      return "list";
    case `${CORE_TAG}omap`:
    case `${CORE_TAG}pairs`:
      return "pairs";
    default:
      return undefined;
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["yes", "true", "on"].map((word) => [word, true] as const),
  ...["no", "false", "off"].map((word) => [word, false] as const),
]);

/**
 * The value of a scalar with a tag.
 *
 * @returns Undefined for a tag that a scalar cannot have.
 * @throws {SyntaxError} whose message is the end of a sentence, when the text
 *   does not fit the tag.
 */
export function buildTagged(tag: string, text: string): unknown {
  switch (tag) {
    case "!":
      return resolvePlain(text);
    case `${CORE_TAG}str`:
    case `${CORE_TAG}python/str`:
    case `${CORE_TAG}python/unicode`:
      return text;
    case `${CORE_TAG}int`:
      return parseInteger(text.trim()) ?? misfit(text, "a whole number");
    case `${CORE_TAG}float`:
      return parseFloatText(text.trim()) ?? misfit(text, "a number");
    case `${CORE_TAG}bool`:
      return BOOLEANS.get(text.toLowerCase()) ?? misfit(text, "true or false");
    case `${CORE_TAG}timestamp`:
      return isoDate(text) ?? misfit(text, "a date");
    case `${CORE_TAG}null`:
      return null;
    case `${CORE_TAG}binary`:
      return decodeBinary(text);
    case "!unsafe":
      return markUnsafe(text);
    default:
      return undefined;
  }
}

function decodeBinary(text: string): string {
  try {
    const bytes = Uint8Array.fromBase64(text.replace(/[^A-Za-z0-9+/=]/g, ""));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const message = cause instanceof SyntaxError
      ? "the binary data is not base64"
      : "the binary data is not UTF-8 text, and JSON cannot hold it";
    throw new SyntaxError(message, { cause });
  }
}

function misfit(text: string, what: string): never {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw new SyntaxError(`${JSON.stringify(shown)} is not ${what}`);
}

// Arguments from data: a file in YAML or JSON, which may be encrypted, or a text
// in braces. They mean what they would mean in an inventory.
import { InventoryError } from "../../errors.ts";
import { decryptFile, seal } from "../../inventory/encrypted_file.ts";
import { readData } from "../../inventory/format/data_file.ts";
import type { MapEntry } from "../../inventory/format/document.ts";
import { parseExact } from "../../json/exact_json.ts";
import { stringifyExact } from "../../json/exact_number.ts";
import { UnsafeText, VaultValue } from "../../inventory/secret_value.ts";
import { type FaultAt, formatPlace } from "../../inventory/text_place.ts";
import { isVaultText, type Vault } from "../../inventory/vault.ts";
import { MAX_DEPTH } from "../../protocol/limits.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import { isLeaf, revealed } from "./revealed.ts";

/** How data is read. */
export interface DataReading {
  /** Decrypts what Ansible Vault encrypted. Default: nothing is decrypted. */
  readonly vault?: Vault | undefined;
  /** Called with each text that was encrypted. */
  readonly onSecret?: (text: string) => void;
  /** Called with what is odd in a file. */
  readonly onWarning?: (text: string) => void;
}

/** A text, and the name by which errors call it. */
export interface NamedText {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads variables. What was encrypted stays a VaultValue.
 *
 * @throws {InventoryError} with the place, when it is not a mapping.
 */
export async function readVariables(
  named: NamedText,
  { vault, onWarning = () => {} }: DataReading,
): Promise<Record<string, unknown>> {
  // A byte order mark does not belong to the text.
  const file = { ...named, text: named.text.replace(/^\ufeff/, "") };
  const plain = await decryptFile(file, { vault, fault });
  const node = await readData(plain, {
    vault,
    fault,
    warn: (place, text) => onWarning(`${formatPlace(place)}: ${text}`),
  });
  if (node.kind !== "map" && node.kind !== "null") {
    throw fault(node.place, "the arguments are not a mapping");
  }
  const isEncrypted = isVaultText(file.text);
  const valueOf = ({ node }: MapEntry) =>
    isEncrypted ? seal(node.value(), node.place) : node.value();
  return Object.fromEntries(
    node.entries().map((entry) => [entry.name, valueOf(entry)]),
  );
}

/**
 * Reads arguments, and decrypts what is encrypted.
 *
 * @returns `secrets`: the names of those that were encrypted; `literal`: of those
 *   that are not templates, because they were encrypted or marked `!unsafe`.
 * @throws {InventoryError} with the place, when it is not a mapping, when it
 *   cannot be decrypted, or when it is nested too deep.
 */
export async function readArguments(
  named: NamedText,
  reading: DataReading,
): Promise<{ args: JsonObject; secrets: string[]; literal: string[] }> {
  return await argumentsOf(await readVariables(named, reading), {
    file: named.file,
    onSecret: reading.onSecret ?? (() => {}),
  });
}

/**
 * The same of variables that were read.
 *
 * @param options `file`: what they were read from, for errors.
 * @throws {InventoryError} when they cannot be decrypted, or are nested too deep.
 */
export async function argumentsOf(
  variables: Readonly<Record<string, unknown>>,
  { file, onSecret }: { file: string; onSecret: (text: string) => void },
): Promise<{ args: JsonObject; secrets: string[]; literal: string[] }> {
  const args: [string, Json][] = [];
  const secrets: string[] = [];
  const literal: string[] = [];
  for (const [name, value] of Object.entries(variables)) {
    if (value instanceof VaultValue) secrets.push(name);
    if (holdsLiteral(value)) literal.push(name);
    const plain = await revealed(value, { needed: name, onSecret });
    if (isTooDeep(plain)) {
      throw fault(
        { file, line: 0 },
        `${name} is nested more than ${MAX_DEPTH} levels deep`,
      );
    }
    args.push([name, parseExact(stringifyExact(plain)) as Json]);
  }
  return { args: Object.fromEntries(args), secrets, literal };
}

/** Whether a value holds text that is never a template. */
function holdsLiteral(value: unknown): boolean {
  if (value instanceof VaultValue || value instanceof UnsafeText) return true;
  return !isLeaf(value) && Object.values(value as object).some(holdsLiteral);
}

/**
 * Whether a value is nested too deep for an argument.
 *
 * @param depth Its level: the arguments themselves are the first.
 */
function isTooDeep(value: unknown, depth = 2): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth > MAX_DEPTH ||
    Object.values(value).some((member) => isTooDeep(member, depth + 1));
}

const fault: FaultAt = (place, problem, options) =>
  new InventoryError(`Cannot read ${formatPlace(place)}: ${problem}`, options);

// Data that people write: JSON as Python's json takes it, else YAML as PyYAML
// takes it, which is Ansible's order. Inventories, variables, arguments and
// documentation all mean the same text in the same way.
import type { DocumentNode, ReadingOptions } from "./document.ts";
import type { TextFile } from "./inventory_text.ts";
import { parseJsonInventory } from "./json_inventory.ts";
import { parsePlainYaml } from "./yaml_plain.ts";

/**
 * Reads a text of either language.
 *
 * @throws {Error} of `fault` at the place where it is neither.
 */
export async function readData(
  file: TextFile,
  options: ReadingOptions,
): Promise<DocumentNode> {
  return tryJson(file, options) ?? await readYaml(file, options);
}

/** Reads YAML; the reader of the whole language is loaded when it is needed. */
export async function readYaml(
  file: TextFile,
  options: ReadingOptions,
): Promise<DocumentNode> {
  const plain = parsePlainYaml(file, options);
  if (plain) return plain;
  const { parseYaml } = await import("./yaml.ts");
  return parseYaml(file, options);
}

/** Undefined when it is not JSON; the YAML reader then reports where. */
export function tryJson(
  file: TextFile,
  options: ReadingOptions,
): DocumentNode | undefined {
  if (!/^\s*[{["]/.test(file.text)) return undefined;
  try {
    return parseJsonInventory(file, options);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

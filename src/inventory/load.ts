// From the sources named on the command line to an Inventory: finds out what
// each source is, in order, and lets the reader of that format write into one
// Draft. The YAML reader is loaded when the first YAML file is met.
import { InventoryError } from "../errors.ts";
import { Draft } from "./draft.ts";
import { finishDraft } from "./finish.ts";
import { readGroups } from "./format/groups.ts";
import { readHostList } from "./format/host_list.ts";
import { decodeText } from "./format/text.ts";
import type { LoadedInventory } from "./inventory.ts";
import type { Sources } from "./sources.ts";

/**
 * Reads an inventory from its sources: files, folders, executable scripts and
 * lists such as `web1,web2,`. Where two sources set the same variable of the
 * same host or group, the later one wins.
 *
 * @throws {InventoryError} naming file, line and column, as far as known.
 */
export async function loadInventory(
  sources: readonly string[],
  reader: Sources,
): Promise<LoadedInventory> {
  const draft = new Draft();
  for (const source of sources) await readSource(source, draft, reader);
  return finishDraft(draft);
}

async function readSource(
  source: string,
  draft: Draft,
  reader: Sources,
): Promise<void> {
  const found = await reader.stat(source);
  if (!found) {
    if (source.includes(",")) return readHostList(source, draft);
    throw new InventoryError(
      `Cannot read inventory ${source}: no such file or folder`,
      { hint: `To name a host instead, add a comma: -i ${source},` },
    );
  }
  const text = decodeText(await reader.read(source), source);
  const { parseYaml } = await import("./format/yaml.ts");
  readGroups(
    parseYaml(text, source, (place, problem) => draft.warn(place, problem)),
    draft,
  );
}

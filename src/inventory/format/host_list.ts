// Reads `web1,web2:2222,` as an inventory: a list of hosts.
import type { InventoryDraft } from "../build/draft.ts";
import type { TextPlace } from "../text_place.ts";
import { splitOutside } from "../split_pattern.ts";
import { expandHosts } from "./address.ts";

/**
 * Reads a list of hosts into a draft. Ranges are expanded, so that names as ftl
 * prints them (`web[01-03,07],`) can be used.
 */
export function readHostList(source: string, draft: InventoryDraft): void {
  const place: TextPlace = { file: source, line: 0 };
  for (const part of splitOutside(source, ",")) {
    const text = part.trim();
    if (text === "") continue;
    const { names, port } = expandHosts(text, place);
    for (const name of names) {
      draft.host(name, draft.ungrouped, { ...place, port });
    }
  }
}

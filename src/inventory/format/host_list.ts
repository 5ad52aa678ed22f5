// Reads `web1,ann@web2:2222,` as an inventory: a list of hosts.
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
    const [, user, address = text] = /^([^@[\]\s]+)@(.+)$/.exec(text) ?? [];
    const { names, port } = expandHosts(address, place);
    for (const name of names) {
      const host = draft.host(name, draft.ungrouped, { ...place, port });
      if (user === undefined) continue;
      draft.setHostVar(host, "ansible_user", { value: user, ...place });
    }
  }
}

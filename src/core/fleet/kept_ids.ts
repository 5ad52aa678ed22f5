// What a host keeps on disk for its gates, as the store remembers it.
import type { HelloData } from "../../protocol/message.ts";

/**
 * The ids that a host keeps after its gate has opened, the oldest first; none where
 * the gate runs from memory. The gate's own id comes last: the store keeps only the
 * newest hints of a host.
 *
 * @param packs those that were hinted or sent; the others of the host are added
 */
export function keptIds(
  { packs: found, folder }: Pick<HelloData, "packs" | "folder">,
  { packs, archive }: { packs: Set<string>; archive: string },
): readonly string[] {
  // What was hinted, or sent meanwhile, was used later than the rest.
  const others = found.filter((id) => !packs.has(id));
  const kept = [...others, ...packs, archive];
  for (const id of others) packs.add(id);
  return folder === null ? [] : kept;
}

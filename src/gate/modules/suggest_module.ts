// "Did you mean" for modules: the known names that are closest to an unknown one.
import { editDistance } from "../../inventory/suggest.ts";

/** Up to three of `known`, the closest first; none that differ by over a third. */
export function suggest(word: string, known: Iterable<string>): string[] {
  const limit = Math.max(1, Math.floor(word.length / 3));
  return [...new Set(known)]
    .map((candidate) => ({
      candidate,
      distance: editDistance(word, candidate),
    }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) =>
      a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1)
    )
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

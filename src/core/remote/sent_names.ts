// The names of what a transfer sent, for a result: bounded, because a result is
// kept for every host.

const MAX_NAMES = 1_000;

/** At most 1000 names, sorted, because hosts list theirs in any order. */
export function sentNames(names: readonly string[]): string[] {
  const sorted = names.toSorted();
  const more = names.length - MAX_NAMES;
  return more > 0
    ? [...sorted.slice(0, MAX_NAMES), `and ${more} more`]
    : sorted;
}

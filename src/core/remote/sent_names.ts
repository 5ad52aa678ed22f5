// The names of what a transfer sent, for a result: bounded, because a result is
// kept for every host.

const MAX_NAMES = 1_000;

/** At most 1000 names, and a note about the others. */
export function sentNames(names: readonly string[]): string[] {
  const more = names.length - MAX_NAMES;
  return more > 0
    ? [...names.slice(0, MAX_NAMES), `and ${more} more`]
    : [...names];
}

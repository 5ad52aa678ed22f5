// Names in a sentence.

const MOST = 3;

/** The first names, and how many more there are. */
export function someNames(names: readonly string[]): string {
  const more = names.length - MOST;
  const first = names.slice(0, MOST).join(", ");
  return more > 0 ? `${first} and ${more} more` : first;
}

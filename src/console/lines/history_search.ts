// The history search that ^R starts: the typed text and the line it matches.
// Pure; the history is a list of lines, newest first.

/** The state of a search. */
export interface HistorySearch {
  readonly query: string;
  /** The index of the matching line; undefined when no line matches. */
  readonly at: number | undefined;
}

/** A search with no text yet. */
export const NEW_SEARCH: HistorySearch = { query: "", at: undefined };

/** Searches for changed text, starting at the newest line. */
export function searchFor(
  query: string,
  history: readonly string[],
): HistorySearch {
  return { query, at: find(query, history, 0) };
}

/** Moves to the next older match; stays when no older line matches. */
export function searchOlder(
  search: HistorySearch,
  history: readonly string[],
): HistorySearch {
  if (search.at === undefined) return search;
  const current = history[search.at];
  let at = find(search.query, history, search.at + 1);
  // Skip repetitions of the same line.
  while (at !== undefined && history[at] === current) {
    at = find(search.query, history, at + 1);
  }
  return at === undefined ? search : { ...search, at };
}

function find(
  query: string,
  history: readonly string[],
  from: number,
): number | undefined {
  if (query === "") return undefined;
  const at = history.findIndex((line, i) => i >= from && line.includes(query));
  return at < 0 ? undefined : at;
}

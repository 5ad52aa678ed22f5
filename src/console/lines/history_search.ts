// The search through the history that ^R begins: what was typed and what it has
// found. Pure; the history is a list of lines, the newest first.

/** A search as it stands. */
export interface HistorySearch {
  readonly query: string;
  /** The place of the line that was found; undefined when there is none. */
  readonly at: number | undefined;
}

/** A search for nothing yet. */
export const NEW_SEARCH: HistorySearch = { query: "", at: undefined };

/** Searches for a longer or shorter text, from the newest line on. */
export function searchFor(
  query: string,
  history: readonly string[],
): HistorySearch {
  return { query, at: find(query, history, 0) };
}

/** Goes on to an older line; stays when there is none. */
export function searchOlder(
  search: HistorySearch,
  history: readonly string[],
): HistorySearch {
  if (search.at === undefined) return search;
  const current = history[search.at];
  let at = find(search.query, history, search.at + 1);
  // The same line again is no news.
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

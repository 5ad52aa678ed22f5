// Rows of CSV as Python's `csv.reader` reads them, in its dialect `excel` with any
// delimiter: https://docs.python.org/3/library/csv.html. Quotes inside a field that
// does not start with one stand for themselves.

/** The rows of a text, without empty ones. */
export function* parsePythonCsv(
  text: string,
  delimiter: string,
): Generator<string[], void> {
  let at = 0;
  while (at < text.length) {
    const row: string[] = [];
    for (;;) {
      const { field, end } = readField(text, at, delimiter);
      row.push(field);
      at = end;
      if (!text.startsWith(delimiter, at)) break;
      at += delimiter.length;
    }
    if (text.startsWith("\r\n", at)) at++;
    at++;
    if (row.length > 1 || row[0] !== "") yield row;
  }
}

/** Reads a field up to a delimiter or the end of its row. */
function readField(
  text: string,
  start: number,
  delimiter: string,
): { field: string; end: number } {
  let field = "";
  let at = start;
  if (text[at] === '"') {
    for (;;) {
      const quote = text.indexOf('"', at + 1);
      if (quote === -1) {
        return { field: field + text.slice(at + 1), end: text.length };
      }
      field += text.slice(at + 1, quote);
      at = quote + 1;
      if (text[at] !== '"') break;
      field += '"';
    }
  }
  const rest = at;
  const isOver = () =>
    at >= text.length || text[at] === "\n" || text[at] === "\r" ||
    text.startsWith(delimiter, at);
  while (!isOver()) at++;
  return { field: field + text.slice(rest, at), end: at };
}

// Wraps lines as Python's textwrap does for Jinja's wordwrap.

/** How lines are wrapped. */
export interface Wrapping {
  readonly width: number;
  readonly breaksWords: boolean;
  readonly breaksHyphens: boolean;
}

/** The lines of a text, none longer than the width where that is possible. */
export function wrapLines(text: string, options: Wrapping): string[] {
  return text.split(/\r\n|\n|\r/).flatMap((line) => {
    const wrapped = wrapLine(line, options);
    return wrapped.length === 0 ? [""] : wrapped;
  });
}

function wrapLine(
  line: string,
  { width, breaksWords, breaksHyphens }: Wrapping,
): string[] {
  const pattern = breaksHyphens
    ? /\s+|\S*?[\p{L}_]-(?=[\p{L}_]{2})|\S+/gu
    : /\s+|\S+/g;
  const chunks = (line.match(pattern) ?? []).reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const row: string[] = [];
    let size = 0;
    // White space at the start or the end of a wrapped line is dropped.
    if (lines.length > 0 && chunks.at(-1)!.trim() === "") chunks.pop();
    while (chunks.length > 0 && size + chunks.at(-1)!.length <= width) {
      size += chunks.at(-1)!.length;
      row.push(chunks.pop()!);
    }
    if (chunks.length > 0 && chunks.at(-1)!.length > width) {
      const space = Math.max(1, width - size);
      if (breaksWords) {
        const word = chunks.pop()!;
        row.push(word.slice(0, space));
        chunks.push(word.slice(space));
      } else if (row.length === 0) row.push(chunks.pop()!);
    }
    if (row.at(-1)?.trim() === "") row.pop();
    if (row.length > 0) lines.push(row.join(""));
  }
  return lines;
}

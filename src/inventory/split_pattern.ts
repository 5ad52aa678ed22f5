// Splits text at separators that are outside brackets.

/**
 * Splits text at every separator outside square brackets: `a[1,2],b` at the
 * comma becomes `a[1,2]` and `b`. A bracket that is never closed is just text.
 *
 * @param separators One or more characters, each a separator.
 */
export function splitOutside(text: string, separators: string): string[] {
  const parts: string[] = [];
  const lastClose = text.lastIndexOf("]");
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "[" && i < lastClose) {
      i = text.indexOf("]", i);
    } else if (separators.includes(char)) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

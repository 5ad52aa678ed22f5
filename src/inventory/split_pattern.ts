// Splitting at a separator that does not stand inside brackets.

/**
 * Splits a text at every separator outside square brackets: `a[1,2],b` at the
 * comma gives `a[1,2]` and `b`. A bracket that is never closed is just text.
 *
 * @param separators One or more characters, each of which separates.
 */
export function splitOutside(text: string, separators: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "[") {
      const close = text.indexOf("]", i);
      if (close >= 0) i = close;
    } else if (separators.includes(char)) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

// Finds the end of a string in the text of JSON.

/**
 * Where the string that starts at `start` ends: its quote, or the text's end. Takes
 * linear time.
 */
export function endOfString(text: string, start: number): number {
  for (let end = start;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let first = end;
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    if ((end - first) % 2 === 0) return end;
  }
}

const BACKSLASH = 0x5c;

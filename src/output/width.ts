// Measures how many columns text takes on a terminal, and cuts it to fit. Text
// must be escaped first: it has no control characters.

// Blocks that are two columns wide on terminals (Unicode Standard Annex #11,
// classes W and F, rounded to whole blocks), and marks of no width.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const NONE = /[\p{Mn}\p{Me}\u200c\u200d]/u;
// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** Returns the number of columns that a line takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** Cuts a line to `width` columns; a line that was cut ends in `…`. */
export function fitWidth(text: string, width: number): string {
  if (width <= 0) return "";
  let used = 0;
  let at = 0;
  // Where the ellipsis goes if the line is too long.
  let end = 0;
  for (const character of text) {
    used += widthOfCharacter(character);
    if (used > width) return text.slice(0, end) + "…";
    at += character.length;
    if (used < width) end = at;
  }
  return text;
}

/**
 * Breaks a line between words, so that each part takes at most `width` columns;
 * a longer word stays whole. Later parts start with `indent`.
 */
export function wrapWords(
  line: string,
  { width, indent }: { width: number; indent: string },
): string[] {
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const last = lines.at(-1);
    const longer = `${last} ${word}`;
    if (last !== undefined && widthOf(longer) <= width) {
      lines[lines.length - 1] = longer;
    } else lines.push(last === undefined ? word : indent + word);
  }
  return lines;
}

/** Pads a line with spaces to `width` columns. */
export function padWidth(
  text: string,
  width: number,
  side: "left" | "right" = "right",
): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return side === "right" ? text + space : space + text;
}

function widthOfCharacter(character: string): number {
  if (character < "\x7f") return 1;
  if (NONE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

// How many columns text takes on a terminal, and cutting it to fit. Text is
// escaped before it comes here and holds no control characters.

// Blocks that terminals draw two columns wide (Unicode Standard Annex #11,
// classes W and F, rounded to whole blocks), and marks that take none.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const NONE = /[\p{Mn}\p{Me}\u200c\u200d]/u;
// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** The number of columns that a line of text takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** Cuts a line to at most `width` columns; the last one is then `…`. */
export function fitWidth(text: string, width: number): string {
  if (width <= 0) return "";
  let used = 0;
  let at = 0;
  // Where the ellipsis goes if the line turns out to be too long.
  let end = 0;
  for (const character of text) {
    used += widthOfCharacter(character);
    if (used > width) return text.slice(0, end) + "…";
    at += character.length;
    if (used < width) end = at;
  }
  return text;
}

/** Fills a line with spaces up to `width` columns. */
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

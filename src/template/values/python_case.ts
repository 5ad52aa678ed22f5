// Letters, lines and margins of texts, as Python's str knows them.

/** The first character in upper case, all others in lower case. */
export function capitalize(text: string): string {
  const [first = "", ...rest] = text;
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** Each run of letters with its first letter in upper case. */
export function titleCase(text: string): string {
  return text.replace(/\p{L}+/gu, capitalize);
}

/** What ends a line, and what counts as white space, in Python. */
const LINE_END = "\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029";
const SPACE = "\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029" +
  "\\u202f\\u205f\\u3000";
const LINE = new RegExp(`[^${LINE_END}]*(?:\\r\\n|[${LINE_END}]|$)`, "g");
const ENDING = new RegExp(`(?:\\r\\n|[${LINE_END}])$`);
const LEADING_SPACE = new RegExp(`^[${SPACE}]+`);
/** A run of characters that are not white space. */
export const WORD = new RegExp(`[^${SPACE}]+`, "g");
/** Nothing but white space. */
export const ALL_SPACE = new RegExp(`^[${SPACE}]+$`);
const ONE_SPACE = new RegExp(`[${SPACE}]`);

/** The lines of a text. */
export function splitLines(text: string, keepsEnds = false): string[] {
  const lines: string[] = text.match(LINE) ?? [];
  if (lines.at(-1) === "") lines.pop();
  return keepsEnds ? lines : lines.map((line) => line.replace(ENDING, ""));
}

/** A text without some characters at its ends; default: white space. */
export function stripText(
  text: string,
  ends: "both" | "left" | "right",
  characters?: string,
): string {
  if (characters === undefined) {
    const rest = ends === "left" ? text : trimEnd(text);
    return ends === "right" ? rest : rest.replace(LEADING_SPACE, "");
  }
  const set = new Set(characters);
  const letters = [...text];
  let start = 0;
  let end = letters.length;
  if (ends !== "right") {
    while (start < end && set.has(letters[start]!)) start++;
  }
  if (ends !== "left") {
    while (end > start && set.has(letters[end - 1]!)) {
      end--;
    }
  }
  return letters.slice(start, end).join("");
}

/** Takes linear time, which a pattern at the end would not. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ONE_SPACE.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

// Splits a line into words like Python's shlex in POSIX mode, which Ansible uses
// for host lines and ssh arguments.

/**
 * Splits a line into words, and removes quotes and backslashes.
 *
 * @param options `comments`: a `#` outside quotes ends the line, even inside
 * a word.
 * @throws {SyntaxError} when a quote is not closed.
 */
export function splitIniWords(
  line: string,
  options: { comments?: boolean } = {},
): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (quote !== "") {
      if (char === quote) quote = "";
      else if (
        char === "\\" && quote === '"' && /["\\]/.test(line.charAt(i + 1))
      ) {
        word += line.charAt(++i);
      } else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "#" && options.comments) {
      break;
    } else if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "\\") {
      if (i + 1 === line.length) {
        throw new SyntaxError("a backslash ends the line");
      }
      word = (word ?? "") + line.charAt(++i);
    } else word = (word ?? "") + char;
  }
  if (quote !== "") throw new SyntaxError(`a ${quote} is not closed`);
  if (word !== undefined) words.push(word);
  return words;
}

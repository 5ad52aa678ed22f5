// The runtime travels to every host, where nobody reads its comments. A blank
// line takes the place of each, so that tracebacks name the same lines.

/**
 * Blanks the lines of a Python source that hold a comment alone.
 *
 * @param text No line inside one of its strings may start with `#`.
 */
export function blankComments(text: string): string {
  return text.replace(/^[ \t]*#.*$/gm, "");
}

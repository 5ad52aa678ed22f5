// How a template is written: its delimiters and what happens to white space. The
// options have the names that Jinja gives them.

/** The syntax of a template. */
export interface Syntax {
  readonly block_start_string: string;
  readonly block_end_string: string;
  readonly variable_start_string: string;
  readonly variable_end_string: string;
  readonly comment_start_string: string;
  readonly comment_end_string: string;
  /** Drop the newline after a block. */
  readonly trim_blocks: boolean;
  /** Drop the blanks before a block that starts its line. */
  readonly lstrip_blocks: boolean;
  readonly keep_trailing_newline: boolean;
  readonly newline_sequence: string;
  /**
   * Backslashes in texts inside `{{ }}` stand for themselves: Ansible's rule for
   * arguments and variables.
   */
  readonly keepsBackslashes: boolean;
}

/** Ansible's syntax of template files. */
export const FILE_SYNTAX: Syntax = {
  block_start_string: "{%",
  block_end_string: "%}",
  variable_start_string: "{{",
  variable_end_string: "}}",
  comment_start_string: "{#",
  comment_end_string: "#}",
  trim_blocks: true,
  lstrip_blocks: false,
  keep_trailing_newline: false,
  newline_sequence: "\n",
  keepsBackslashes: false,
};

/** Ansible's syntax of arguments and variables. */
export const TEXT_SYNTAX: Syntax = { ...FILE_SYNTAX, keepsBackslashes: true };

/** Equal changes make one syntax, so that its templates are kept. */
const changed = new Map<string, Syntax>();

/** A syntax with some options; itself where they change nothing. */
export function changeSyntax(
  syntax: Syntax,
  options: Readonly<Record<string, string | boolean>>,
): Syntax {
  const made = { ...syntax, ...options };
  const key = JSON.stringify(made);
  if (key === JSON.stringify(syntax)) return syntax;
  const known = changed.get(key) ?? made;
  changed.set(key, known);
  return known;
}

/** Whether a text may be a template. */
export function mayBeTemplate(text: string): boolean {
  return text.includes("{{") || text.includes("{%") || text.includes("{#");
}

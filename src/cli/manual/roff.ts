// Writes troff with the macros of man(7). Text is escaped so that no part of it is
// read as a troff command.

/** Escapes text inside a line, such as backslashes, hyphens and quotes. */
export function escapeRoff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq").replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha").replaceAll("~", "\\(ti")
    .replaceAll('"', "\\(dq")
    .replace(/[^\0-\x7f]/gu, unicode);
}

function unicode(character: string): string {
  const code = character.codePointAt(0)!.toString(16).toUpperCase();
  return `\\[u${code.padStart(4, "0")}]`;
}

/** A line of text; one that starts with a dot is protected. */
export function line(text: string): string {
  const escaped = escapeRoff(text);
  return escaped.startsWith(".") ? `\\&${escaped}` : escaped;
}

/** Text in bold. */
export function bold(text: string): string {
  return `\\fB${escapeRoff(text)}\\fR`;
}

/** Text in italics, for placeholders. */
export function italic(text: string): string {
  return `\\fI${escapeRoff(text)}\\fR`;
}

/** A section with its lines; nothing when it has none. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`.SH ${escapeRoff(title)}`, ...lines];
}

/** A subsection; its title is troff already. */
export function part(title: string, lines: readonly string[]): string[] {
  return [`.SS ${title}`, ...lines];
}

/** A paragraph. */
export function paragraph(text: string): string[] {
  return [".PP", line(text)];
}

/** A term and its description; both are troff already. */
export function term(name: string, text: string): string[] {
  return [".TP", name, text];
}

/** Lines that are not filled, for examples. */
export function verbatim(text: string): string[] {
  return [".PP", ".RS 4", ".nf", ...text.split("\n").map(line), ".fi", ".RE"];
}

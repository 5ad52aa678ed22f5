// Text as troff takes it, with the macros of man(7): nothing that is meant as
// text is ever taken for a command of its own.

/** Text inside a line: backslashes, hyphens and quotes stay what they are. */
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

/** A line of text; one that begins with a dot is no command. */
export function line(text: string): string {
  const escaped = escapeRoff(text);
  return escaped.startsWith(".") ? `\\&${escaped}` : escaped;
}

/** In bold. */
export function bold(text: string): string {
  return `\\fB${escapeRoff(text)}\\fR`;
}

/** In italics, as what stands for something else. */
export function italic(text: string): string {
  return `\\fI${escapeRoff(text)}\\fR`;
}

/** A section. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`.SH ${escapeRoff(title)}`, ...lines];
}

/** A part of a section. */
export function part(title: string, lines: readonly string[]): string[] {
  return [`.SS ${title}`, ...lines];
}

/** A paragraph. */
export function paragraph(text: string): string[] {
  return [".PP", line(text)];
}

/** A term with what is said of it; both are troff already. */
export function term(name: string, text: string): string[] {
  return [".TP", name, text];
}

/** Lines that stay as they are. */
export function verbatim(text: string): string[] {
  return [".PP", ".RS 4", ".nf", ...text.split("\n").map(line), ".fi", ".RE"];
}

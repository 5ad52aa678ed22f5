// Turns the Markdown of docs/ into lines of a manual page: headings, paragraphs,
// lists, tables and code blocks, with code, emphasis and links in them. Other
// Markdown is not used there.
import { bold, escapeRoff, italic, verbatim } from "./roff.ts";

/** The lines of a document, without its title. */
export function markdownLines(text: string): string[] {
  const lines: string[] = [];
  const blocks = blocksOf(text.replace(/^# .*\n/, ""));
  for (const block of blocks) lines.push(...blockLines(block));
  // A paragraph right after a heading adds an empty line.
  return lines.filter((line, i) =>
    line !== ".PP" || !/^\.S[HS] /.test(lines[i - 1] ?? "")
  ).slice(lines[0] === ".PP" ? 1 : 0);
}

/** Paragraphs, tables, lists and code blocks. */
function blocksOf(text: string): string[] {
  return text.split(/^(```[^]*?^```$)/m).flatMap((part) =>
    part.startsWith("```") ? [part] : part.split(/\n\s*\n/)
  ).map((block) => block.replace(/^\n+|\s+$/g, "")).filter(Boolean);
}

function blockLines(block: string): string[] {
  if (block.startsWith("```")) {
    return verbatim(block.replace(/^```.*\n|\n```$/g, ""));
  }
  const heading = /^##+ (.*)$/.exec(block)?.[1];
  if (heading !== undefined) return [`.SS ${inline(heading)}`];
  if (block.startsWith("|")) return tableLines(block);
  if (/^(?:-|\d+\.) /.test(block)) return listLines(block);
  return [".PP", safe(inline(joined(block)))];
}

function listLines(block: string): string[] {
  return block.split(/\n(?=(?:-|\d+\.) )/).flatMap((item) => {
    const [, mark = "-", text = ""] = /^(-|\d+\.) ([^]*)$/.exec(item) ?? [];
    const sign = mark === "-" ? "\\(bu 2" : `${mark} 4`;
    return [`.IP ${sign}`, safe(inline(joined(text)))];
  });
}

/** Rows as terms; the cells after the second one follow their headings. */
function tableLines(block: string): string[] {
  const [head = [], , ...rows] = block.split("\n").map(cellsOf);
  return rows.flatMap(([first = "", second = "", ...rest]) => {
    const more = rest.flatMap((cell, i) =>
      cell === "" ? [] : [`${head[i + 2]}: ${cell}`]
    );
    const text = [second, ...more].filter(Boolean).join("; ");
    return [".TP", safe(inline(first)), safe(inline(text || "\u00a0"))];
  });
}

function cellsOf(row: string): string[] {
  return row.replace(/^\||\|$/g, "").split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function joined(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

/** Code and strong text in bold, emphasis in italics, links as their text. */
function inline(text: string): string {
  const plain = text.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1");
  return plain.split(/(`[^`]+`|\*\*[^*]+\*\*|(?<!\w)_[^_]+_(?!\w))/).map(
    (part) => {
      if (/^`.+`$/.test(part)) return bold(part.slice(1, -1));
      if (/^\*\*.+\*\*$/.test(part)) {
        return bold(part.slice(2, -2).replaceAll("`", ""));
      }
      return /^_.+_$/.test(part) ? italic(part.slice(1, -1)) : escapeRoff(part);
    },
  ).join("");
}

/** A line that starts with a dot or a quote is not a command. */
function safe(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

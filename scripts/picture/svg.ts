// Draws a terminal's screen as SVG: rows of styled text on a grid of cells, so that
// it looks the same with any monospaced font. Pure.
import { widthOf } from "../../src/output/width.ts";

/** The size of a cell, in pixels. */
const CELL = { width: 8.4, height: 19 };
const FONT_SIZE = 14;
const MARGIN = 18;
const BAR = 30;

const BACKGROUND = "#1b1f27";
const FOREGROUND = "#d5dae3";
const DIM = "#8a93a3";
// The eight colors of ECMA-48 (8.3.117), for a dark background.
const COLORS = [
  "#5c6370",
  "#f07178",
  "#8fd18a",
  "#e8c06a",
  "#7fb4f5",
  "#c897e8",
  "#6cc7c4",
  "#d5dae3",
];

interface Style {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly underline?: boolean;
}

/** Text of one style. */
interface Run {
  readonly text: string;
  readonly style: Style;
}

/** A screen to draw. */
export interface PictureOptions {
  /** Rows as `tmux capture-pane -e` prints them. */
  readonly rows: readonly string[];
  readonly columns: number;
  /** A description for people who cannot see the picture. */
  readonly title: string;
}

/** Draws a screen. */
export function drawScreen({ rows, columns, title }: PictureOptions): string {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = BAR + rows.length * CELL.height + MARGIN;
  const lines = rows.flatMap((row, i) => {
    const y = BAR + (i + 1) * CELL.height - 5;
    return drawRow(readStyles(row), y);
  });
  const dots = ["#f07178", "#e8c06a", "#8fd18a"].map((color, i) =>
    `<circle cx="${MARGIN + 4 + i * 18}" cy="16" r="5" fill="${color}"/>`
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"` +
    ` viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    ...dots,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',` +
    `Consolas,monospace" font-size="${FONT_SIZE}" fill="${FOREGROUND}"` +
    ` xml:space="preserve">`,
    ...lines,
    "</g>",
    "</svg>",
  ].join("\n") + "\n";
}

/** Splits a row where its style changes. */
export function readStyles(row: string): Run[] {
  const runs: Run[] = [];
  let style: Style = {};
  // deno-lint-ignore no-control-regex
  for (const part of row.split(/(\x1b\[[\d;]*m)/)) {
    // deno-lint-ignore no-control-regex
    const codes = /^\x1b\[([\d;]*)m$/.exec(part)?.[1];
    if (codes !== undefined) {
      for (const code of codes.split(";")) style = restyle(style, Number(code));
    } else if (part !== "") runs.push({ text: part, style });
  }
  return runs;
}

function restyle(style: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 4) return { ...style, underline: true };
  const { color: _, ...rest } = style;
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return rest;
  const color = COLORS[code >= 90 ? code - 90 : code - 30];
  return color === undefined ? style : { ...style, color };
}

function drawRow(runs: readonly Run[], y: number): string[] {
  const drawn: string[] = [];
  let column = 0;
  for (const { text, style } of runs) {
    const columns = widthOf(text);
    if (text.trim() !== "") {
      const x = (MARGIN + column * CELL.width).toFixed(1);
      const length = (columns * CELL.width).toFixed(1);
      drawn.push(
        `<text x="${x}" y="${y}" textLength="${length}"` +
          `${attributes(style)}>${escapeXml(text)}</text>`,
      );
    }
    column += columns;
  }
  return drawn;
}

function attributes({ color, bold, dim, underline }: Style): string {
  const fill = color ?? (dim ? DIM : undefined);
  return [
    fill === undefined ? "" : ` fill="${fill}"`,
    bold ? ' font-weight="bold"' : "",
    underline ? ' text-decoration="underline"' : "",
  ].join("");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

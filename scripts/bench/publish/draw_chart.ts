// Draws a comparison as SVG: a row for each program, and a column of bars for each
// quantity, each with a scale of its own. Text is text, and colors follow the
// reader's light or dark theme. Pure: the same figures make the same bytes.
import type { Quantity, ResultCase, ResultRow } from "./results.ts";
import { QUANTITY_NAMES, valueText } from "./value_text.ts";

/** In pixels. */
const WIDTH = 880;
const MARGIN = 20;
const NAMES = 188;
const GAP = 22;
const HEAD = 82;
const ROW = 30;
const BAR = 14;
/** What a bar leaves for its value. */
const VALUE = 66;

const STYLE = [
  "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans'," +
  "'DejaVu Sans',sans-serif;font-size:13px;fill:#1f2328}",
  ".title{font-size:16px;font-weight:600}",
  ".head{font-size:12px;fill:#59636e}",
  ".value{font-variant-numeric:tabular-nums}",
  ".ours{font-weight:600}",
  ".card{fill:#fff;stroke:#d1d9e0}",
  ".axis{stroke:#d1d9e0}",
  ".bar{fill:#8c959f}",
  ".bar.ours{fill:#0969da}",
  "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.head{fill:#9198a1}" +
  ".card{fill:#0d1117;stroke:#30363d}.axis{stroke:#30363d}" +
  ".bar{fill:#6e7681}.bar.ours{fill:#4493f8}}",
].join("");

/** Draws a comparison. */
export function drawChart(figures: ResultCase): string {
  const { title, quantities, rows } = figures;
  const height = HEAD + rows.length * ROW + MARGIN;
  const space = WIDTH - 2 * MARGIN - NAMES;
  const width = (space - GAP * (quantities.length - 1)) / quantities.length;
  const columns = quantities.map((quantity, i) =>
    drawColumn(quantity, rows, {
      x: MARGIN + NAMES + i * (width + GAP),
      width,
      height,
    })
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" ` +
    `height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" ` +
    `aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(describe(figures))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" ` +
    `height="${height - 1}" rx="8"/>`,
    `<text class="title" x="${MARGIN}" y="34">${escapeXml(title)}</text>`,
    `<text class="head" x="${WIDTH - MARGIN}" y="34" text-anchor="end">` +
    `less is better</text>`,
    ...rows.map(({ program }, i) =>
      `<text${isOurs(program) ? ' class="ours"' : ""} x="${MARGIN}" ` +
      `y="${HEAD + i * ROW + BAR - 2}">${escapeXml(program)}</text>`
    ),
    ...columns.flat(),
    "</svg>",
    "",
  ].join("\n");
}

/** The figures as sentences, for people who cannot see the chart. */
export function describe({ quantities, rows }: ResultCase): string {
  return rows.map((row) => {
    if (row.failure !== undefined) return `${row.program}: failed.`;
    const values = quantities.map((quantity) => {
      const name = QUANTITY_NAMES[quantity].toLowerCase()
        .replace("cpu", "CPU");
      return `${name} ${valueText(quantity, row.values[quantity])}`;
    });
    return `${row.program}: ${values.join(", ")}.`;
  }).join(" ");
}

/** Whether a program is ftl. */
export function isOurs(program: string): boolean {
  return /^ftl\b/.test(program);
}

function drawColumn(
  quantity: Quantity,
  rows: readonly ResultRow[],
  { x, width, height }: { x: number; width: number; height: number },
): string[] {
  const most = Math.max(...rows.map((row) => row.values[quantity] ?? 0));
  const top = HEAD - 10;
  return [
    `<text class="head" x="${round(x)}" y="62">${
      escapeXml(QUANTITY_NAMES[quantity])
    }</text>`,
    `<line class="axis" x1="${round(x)}" x2="${round(x)}" y1="${top}" ` +
    `y2="${height - MARGIN + 4}"/>`,
    ...rows.flatMap((row, i) => {
      const y = HEAD + i * ROW;
      const value = row.values[quantity] ?? null;
      const ours = isOurs(row.program) ? " ours" : "";
      const full = width - VALUE;
      const length = value === null || most === 0
        ? 0
        : Math.max(1.5, value / most * full);
      const text = row.failure === undefined
        ? valueText(quantity, value)
        : "failed";
      return [
        ...(length === 0 ? [] : [
          `<rect class="bar${ours}" x="${round(x)}" y="${y}" ` +
          `width="${round(length)}" height="${BAR}" rx="2"/>`,
        ]),
        `<text class="value${ours}" x="${round(x + length + 6)}" ` +
        `y="${y + BAR - 2}">${escapeXml(text)}</text>`,
      ];
    }),
  ];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

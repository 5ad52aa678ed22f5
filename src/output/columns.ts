// Aligned columns, for lists that people read.
import { escapeLine } from "./escape.ts";
import { fitWidth, padWidth, widthOf } from "./width.ts";

/** Options of `columnsText()`. */
export interface ColumnOptions {
  /** Lines are cut to this width. Default: no limit. */
  readonly width?: number;
}

/** Formats rows as aligned lines; every cell is escaped, and an empty one is `-`. */
export function columnsText(
  rows: readonly (readonly string[])[],
  options: ColumnOptions = {},
): string {
  const cells = rows.map((row) => row.map((cell) => escapeLine(cell) || "-"));
  const widths = (cells[0] ?? []).map((_, column) =>
    cells.reduce((max, row) => Math.max(max, widthOf(row[column]!)), 0)
  );
  return cells.map((row) => {
    const line = row.map((cell, i) => padWidth(cell, widths[i]!)).join("  ")
      .trimEnd();
    const { width } = options;
    return (width === undefined ? line : fitWidth(line, width)) + "\n";
  }).join("");
}

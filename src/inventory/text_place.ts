// Where something in an inventory was written, and errors that say so.
// Every complaint about a file's content goes through errorAt.
import { InventoryError } from "../errors.ts";

/** Where something was written. */
export interface TextPlace {
  /** The path as it was given, or the list of hosts itself. */
  readonly file: string;
  /** Counted from 1; 0 where it is not known, as in the output of a script. */
  readonly line: number;
  /** Counted from 1; absent where it is not known. */
  readonly column?: number;
}

/** Writes a place as `file:line:column`, as far as it is known. */
export function formatPlace({ file, line, column }: TextPlace): string {
  if (line === 0) return file;
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

/** Makes the error for a problem in an inventory file. */
export function errorAt(
  place: TextPlace,
  problem: string,
  options: { hint?: string; cause?: unknown } = {},
): InventoryError {
  return new InventoryError(
    `Cannot use inventory ${formatPlace(place)}: ${problem}`,
    options,
  );
}

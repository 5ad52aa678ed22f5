// Places in inventory files, and errors that name them. Every error about a file's
// content is made by errorAt.
import { InventoryError } from "../errors.ts";

/** A place in an inventory source. */
export interface TextPlace {
  /** The path as the user gave it, or the list of hosts itself. */
  readonly file: string;
  /** From 1; 0 when it is unknown, as in the output of a script. */
  readonly line: number;
  /** From 1; absent when it is unknown. */
  readonly column?: number;
}

/** Formats a place as `file:line:column`, without the unknown parts. */
export function formatPlace({ file, line, column }: TextPlace): string {
  if (line === 0) return file;
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

/** Makes the error for a problem in a file, by the file's use. */
export type FaultAt = (
  place: TextPlace,
  problem: string,
  options?: { hint?: string | undefined; cause?: unknown },
) => Error;

/** The longest problem that an error states whole: some quote their file. */
const MAX_PROBLEM = 600;

/** Makes the error for a problem in an inventory file. */
export function errorAt(
  place: TextPlace,
  problem: string,
  options: { hint?: string | undefined; cause?: unknown } = {},
): InventoryError {
  const shown = problem.length > MAX_PROBLEM
    ? `${problem.slice(0, MAX_PROBLEM - 100)}…${problem.slice(-99)}`
    : problem;
  return new InventoryError(
    `Cannot use inventory ${formatPlace(place)}: ${shown}`,
    options,
  );
}

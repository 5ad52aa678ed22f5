// Lines from a file or a pipe, without a terminal: whole lines one after the
// other, up to the first that fails.
import type { Summary } from "../core/call.ts";
import { isFailure, STATUSES } from "../output/summary.ts";
import { LineJoiner } from "./line.ts";

/** What came of one or more lines. */
export interface Outcome {
  /** The sums of all calls; absent when there was none. */
  readonly summary?: Summary;
  /** The session is over. */
  readonly hasQuit: boolean;
  /** The line may be written down. */
  readonly mayKeep: boolean;
}

/** How lines are taken. */
export interface ScriptOptions {
  /** What errors call the lines: their file's name. */
  readonly name: string;
  /** Go on behind a call that fails. */
  readonly keepGoing: boolean;
  readonly signal: AbortSignal;
  /** Takes one whole line. */
  take(line: string): Promise<Outcome>;
}

/**
 * Takes lines until a call fails, unless `keepGoing`, or one of them ends the
 * session. Resolves to the sums of all calls.
 *
 * @throws {SyntaxError} that says where, when a line cannot be read.
 */
export async function takeLines(
  lines: AsyncIterable<string>,
  { name, keepGoing, signal, take }: ScriptOptions,
): Promise<Outcome> {
  let total: Summary | undefined;
  for await (const { line, number } of wholeLines(lines)) {
    const outcome = await at(`${name}:${number}`, () => take(line));
    const { summary, hasQuit } = outcome;
    if (summary) total = total ? add(total, summary) : summary;
    const isOver = hasQuit || signal.aborted ||
      (summary !== undefined && hasFailed(summary) && !keepGoing);
    if (isOver) return { ...outcome, ...(total && { summary: total }) };
  }
  return { hasQuit: false, mayKeep: true, ...(total && { summary: total }) };
}

/** The lines of a text, one by one. */
export async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split("\n");
}

async function* wholeLines(
  lines: AsyncIterable<string>,
): AsyncGenerator<{ line: string; number: number }> {
  const joiner = new LineJoiner();
  let count = 0;
  let number = 1;
  for await (const text of lines) {
    count++;
    if (!joiner.isOpen) number = count;
    const line = joiner.push(text);
    if (line !== undefined) yield { line, number };
  }
  const rest = joiner.end();
  if (rest !== undefined) yield { line: rest, number };
}

async function at<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`${place}: ${error.message}`, { cause: error });
  }
}

function hasFailed(summary: Summary): boolean {
  return STATUSES.some((status) => isFailure(status) && summary[status] > 0);
}

function add(a: Summary, b: Summary): Summary {
  const sum = { ...a };
  for (const status of STATUSES) sum[status] += b[status];
  return sum;
}

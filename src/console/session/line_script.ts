// Runs the lines of a file or a pipe one after the other, up to the first that
// fails.
import { STATUSES, type Summary } from "../../core/call/call.ts";
import { isFailure } from "../../output/summary.ts";
import { LineJoiner } from "../lines/line.ts";

/** The outcome of one or more lines. */
export interface LinesOutcome {
  /** The summed results of all calls; absent without calls. */
  readonly summary?: Summary;
  /** The session is over. */
  readonly hasQuit: boolean;
  /** The line may be kept in the history. */
  readonly mayKeep: boolean;
  /** A line was in error, and later lines ran all the same. */
  readonly hasErred?: boolean;
}

/** How lines run. */
export interface ScriptOptions {
  /** The name of the lines in errors: their file. */
  readonly name: string;
  /** Continue after a call that fails. */
  readonly keepGoing: boolean;
  readonly signal: AbortSignal;
  /** Runs one complete line. */
  take(line: string): Promise<LinesOutcome>;
  /** Called with the place of the failure that stopped the lines. */
  onStop?: (place: string) => void;
  /** Called for a line that was in error, when later lines will run. */
  onError?: (error: unknown) => void;
}

/**
 * Runs lines until one fails (unless `keepGoing`) or ends the session. Resolves
 * to the summed results of all calls.
 *
 * @throws {SyntaxError} with the line's place, when it cannot be parsed.
 * @throws whatever `take` and `onError` throw.
 */
export async function takeLines(
  lines: AsyncIterable<string>,
  { name, keepGoing, signal, take, onStop, onError }: ScriptOptions,
): Promise<LinesOutcome> {
  let total: Summary | undefined;
  let hasErred = false;
  let last: LinesOutcome = { hasQuit: false, mayKeep: true };
  for await (const { line, number } of wholeLines(lines)) {
    const place = `${name}:${number}`;
    try {
      last = await at(place, () => take(line));
    } catch (error) {
      if (!keepGoing || !onError || signal.aborted) throw error;
      onError(error);
      hasErred = true;
      continue;
    }
    const { summary, hasQuit } = last;
    if (summary) total = total ? add(total, summary) : summary;
    if (hasQuit || signal.aborted) break;
    if (summary === undefined || !hasFailed(summary) || keepGoing) continue;
    onStop?.(place);
    break;
  }
  return { ...last, hasErred, ...(total && { summary: total }) };
}

/** The lines of a script, one by one. */
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

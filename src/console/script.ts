// The console without a terminal: lines from a file or a pipe, one call a line,
// on gates that stay open. Stops at the first line that fails.
import { parseArgumentText } from "../core/arguments.ts";
import type { Call, Summary } from "../core/call.ts";
import type { RunEvent } from "../core/event.ts";
import type { Fleet } from "../core/fleet.ts";
import { run } from "../core/run.ts";
import { emptySummary, isFailure, STATUSES } from "../output/summary.ts";
import { type Line, readLine } from "./line.ts";

/** How a script is run. */
export interface ScriptOptions {
  /** What errors call the script: its file's name. */
  name: string;
  /** What holds for every call. */
  call: Omit<Call, "module" | "args" | "command">;
  /** Go on behind a line that fails. Default: false. */
  keepGoing?: boolean;
  /** Keep `invocation` in results. Default: false. */
  keepInvocation?: boolean;
  /** Reads the files that arguments name. */
  readText: (path: string) => Promise<string>;
  /** Shows one run; resolves to its summary. */
  show: (events: AsyncIterable<RunEvent>) => Promise<Summary>;
  signal: AbortSignal;
}

/**
 * Runs the lines of a script; resolves to the sums of all summaries.
 *
 * @throws {SyntaxError} naming the line, when it cannot be read.
 * @throws {BuildError} when a module is not found.
 */
export async function runScript(
  lines: AsyncIterable<string>,
  fleet: Fleet,
  options: ScriptOptions,
): Promise<Summary> {
  let total: Summary | undefined;
  let number = 0;
  for await (const text of lines) {
    number++;
    const call = await readCall(text, `${options.name}:${number}`, options);
    if (call === undefined) continue;
    const events = run(fleet, call, {
      signal: options.signal,
      keepInvocation: options.keepInvocation,
    });
    const summary = await options.show(events);
    total = total ? add(total, summary) : summary;
    const hasFailed = STATUSES.some((status) =>
      isFailure(status) && summary[status] > 0
    );
    if (options.signal.aborted || (hasFailed && !options.keepGoing)) break;
  }
  return total ?? emptySummary(fleet.hosts.length);
}

async function readCall(
  text: string,
  place: string,
  options: ScriptOptions,
): Promise<Call | undefined> {
  try {
    const line: Line = readLine(text);
    if (line.kind === "nothing") return undefined;
    if (line.kind === "exec") {
      return {
        ...options.call,
        module: null,
        args: {},
        command: [line.command],
      };
    }
    const { module } = line;
    const reading = { module, readText: options.readText };
    const { args, secrets } = await parseArgumentText(line.text, reading);
    return { ...options.call, module, args, secrets };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`${place}: ${error.message}`, { cause: error });
  }
}

function add(a: Summary, b: Summary): Summary {
  const sum = { ...a };
  for (const status of STATUSES) sum[status] += b[status];
  return sum;
}

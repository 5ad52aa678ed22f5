// Shows the events of a run as the options ask, and writes its record and files.
import type { Summary } from "../../core/call/call.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import { BuildError, messageOf } from "../../errors.ts";
import { createRenderer } from "../../output/create_renderer.ts";
import { createProgress } from "../../output/progress.ts";
import type { FtlError } from "../../errors.ts";
import type { ResultQuery } from "../../output/query.ts";
import { watchQuery } from "./query_note.ts";
import { IS_FOR_PEOPLE, type Renderer } from "../../output/renderer.ts";
import type { Context } from "../commands/context.ts";
import { errorText, UsageError, warningText } from "../process/exit_code.ts";
import type { OutputOptions } from "../options/options.ts";
import { parseShard, shardText } from "../input/shard.ts";
import { createOutputFolder } from "./output_folder.ts";
import { createReportFile } from "./report_file.ts";
import { Printer } from "./printer.ts";
import { createRunWarnings } from "./run_warnings.ts";
import { createRecorder, type Sink } from "./recorder.ts";
import { VERSION } from "../process/version.ts";

/** After this long without an event, the results so far are shown. */
const IDLE_MS = 2_000;

/** How much of a program's output a terminal is shown. */
const TERMINAL_LINES = 2_000;

/** Starts a run, or reads one; the signal cancels it. */
export type StartRun = (signal: AbortSignal) => AsyncIterable<RunEvent>;

/** Shows and records runs, one after another. */
export interface Display {
  readonly renderers: readonly Renderer[];
  readonly sinks: readonly Sink[];
  /** Writes what the renderers give it. */
  readonly printer: Printer;
  /** Ends printing, unless the caller has another signal. */
  readonly signal: AbortSignal;
  /** Lists pending hosts on stderr. */
  sayPending(): void;
  /** Writes lines to stderr, above progress. */
  say(text: string): void;
  /** The part of the hosts that `--shard` chose, as in `2/3`. */
  readonly shard: string | undefined;
  /** Whether results so far are shown while a run makes no progress. */
  readonly isWatched: boolean;
}

/**
 * Makes the display that the options ask for.
 *
 * @throws {UsageError} when options do not go together.
 */
export async function createDisplay(
  options: OutputOptions & {
    remedy?: string;
    fullRemedy?: string;
    pattern?: string;
    shard?: string;
    stream?: boolean;
    listsJobs?: boolean;
  },
  context: Context,
): Promise<Display> {
  const format = options.format ?? "text";
  if (options.columns && format !== "table") {
    throw new UsageError("Cannot use --columns: it needs --format table");
  }
  if (options.diffHosts && format !== "text") {
    throw new UsageError("Cannot use --diff-hosts: it needs --format text");
  }
  if (options.outputFormat && options.output === undefined) {
    throw new UsageError("Cannot use --output-format: it needs --output DIR");
  }
  const query = options.query === undefined ? undefined : watchQuery(
    options.query,
    await queryOf(options.query),
    (text) => sayAbove(text),
  );
  const forPeople = IS_FOR_PEOPLE[format];
  const color = wantsColor(options, context);
  const { isTerminal } = context;
  const warn = (text: string) => {
    printer.flush(); // so that both outputs, joined, stay in order
    context.err(text);
  };
  // Without a terminal it draws nothing, but still tracks pending hosts.
  const progress = createProgress(warn, {
    isTerminal: isTerminal.err && forPeople && !options.quiet,
    plain: isPlain(options, context),
    color,
    width: () => context.columns,
  });
  const write = (text: string) => context.out(text);
  const printer = new Printer({
    write: isTerminal.out ? progress.above(write) : write,
    isTerminal: isTerminal.out,
  });
  const renderer = createRenderer(format, {
    write: (text) => printer.add(text),
    version: VERSION,
    color,
    verbosity: options.verbose ?? 0,
    whole: !isTerminal.out,
    stream: options.stream ?? false,
    remedy: options.remedy,
    fullRemedy: options.fullRemedy,
    maxTail: isTerminal.out ? TERMINAL_LINES : undefined,
    quiet: options.quiet ?? false,
    diffHosts: options.diffHosts ?? false,
    listsJobs: options.listsJobs ?? false,
    query: query?.query,
    writeError: progress.above(warn),
    ...(options.columns && { columns: options.columns }),
    ...(context.cutAt !== undefined && { width: context.cutAt }),
  });
  const sayAbove = progress.above(warn);
  if (isTerminal.in && isTerminal.err) {
    // The terminal has echoed ^C; start on a new line.
    context.signal.addEventListener("abort", () => sayAbove("\n"), {
      once: true,
    });
  }
  return {
    renderers: [
      progress,
      createRunWarnings(sayAbove),
      renderer,
      ...query ? [query.note] : [],
    ],
    printer,
    signal: context.signal,
    sinks: [
      ...options.output
        ? [createOutputFolder(options.output, options.outputFormat)]
        : [],
      ...options.report ? [createReportFile(options.report)] : [],
      ...options.record === false ? [] : [createRecorder({
        results: options.record ?? false,
        pattern: options.pattern,
        onError: (error) => {
          // Without a store, a run that needs none is not worth a warning.
          if (error instanceof BuildError && !options.verbose) return;
          warn(warningText(`Cannot record the run: ${messageOf(error)}`));
        },
      })],
    ],
    sayPending: () => sayAbove(progress.pending()),
    say: sayAbove,
    shard: options.shard === undefined
      ? undefined
      : shardText(parseShard(options.shard, context.env)),
    isWatched: isTerminal.out && forPeople,
  };
}

async function queryOf(expression: string): Promise<ResultQuery> {
  const { compileQuery } = await import("../../output/query.ts");
  try {
    return await compileQuery(expression);
  } catch (error) {
    const { message, hint } = error as FtlError;
    throw new UsageError(message, { cause: error, ...(hint && { hint }) });
  }
}

/**
 * Starts a run and shows its events as they happen, then writes its record and files;
 * resolves to the summary.
 *
 * @throws what `follow()` throws, when they are written.
 */
export async function showEvents(
  start: StartRun,
  display: Display,
): Promise<Summary> {
  let summary: Summary;
  try {
    summary = await follow(start, display);
  } catch (error) {
    await finish(display).catch((other) => display.say(errorText(other)));
    throw error;
  }
  await finish(display);
  return summary;
}

/**
 * Writes the record and files of a run after `follow()`, whether or not it has thrown.
 *
 * @throws {FtlError} what the first one that cannot be written throws, after the rest.
 */
export async function finish({ sinks, say }: Display): Promise<void> {
  const errors: unknown[] = [];
  for (const sink of sinks) {
    try {
      await sink.finish();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 0) return;
  for (const error of errors.slice(1)) say(errorText(error));
  throw errors[0];
}

/**
 * Starts a run and shows its events as they happen; resolves to the summary. The
 * signal cancels the run, and so does output that cannot be written, such as a pipe
 * that nobody reads: the sinks then get the rest of the events alone. After the
 * signal a terminal gets no more output of programs, and the end of everything else.
 *
 * @throws what writing has thrown, when the run has ended; else what the run throws.
 */
export async function follow(
  start: StartRun,
  display: Display,
  signal: AbortSignal = display.signal,
): Promise<Summary> {
  const { renderers, sinks, printer, shard } = display;
  let summary: Summary | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    for (const renderer of renderers) renderer.flush?.();
    // Its error is thrown at the next event, which failing brings about.
    printer.drain(signal).catch(() => {});
  };
  // Not SIGUSR1: it opens the runtime's inspector to the network.
  Deno.addSignalListener("SIGUSR2", display.sayPending);
  const flushGathered = () => printer.flush();
  globalThis.addEventListener("unload", flushGathered); // a second ^C
  const unwritten: unknown[] = [];
  const broken = new AbortController();
  const tryToWrite = async (write: () => Promise<void> | void) => {
    try {
      await write();
    } catch (error) {
      unwritten.push(error);
      clearTimeout(idle);
      broken.abort(new DOMException("Output cannot be written", "AbortError"));
    }
  };
  let failure: { readonly cause: unknown } | undefined;
  try {
    const events = start(
      AbortSignal.any([signal, printer.failed, broken.signal]),
    );
    for await (const each of events) {
      const event = each.event === "run_start" && shard !== undefined
        ? { ...each, shard }
        : each;
      for (const sink of sinks) sink.event(event);
      if (event.event === "run_end") summary = event.summary;
      if (unwritten.length > 0) continue;
      const isDropped = event.event === "output" && signal.aborted &&
        display.isWatched;
      await tryToWrite(() => {
        for (const each of isDropped ? [] : renderers) each.event(event);
        return printer.drain(signal);
      });
      if (unwritten.length > 0) {
        if (sinks.length === 0) break;
        continue;
      }
      if (event.event === "result" && display.isWatched) {
        clearTimeout(idle);
        idle = setTimeout(flush, IDLE_MS);
      }
    }
  } catch (cause) {
    failure = { cause };
  } finally {
    clearTimeout(idle);
    Deno.removeSignalListener("SIGUSR2", display.sayPending);
    globalThis.removeEventListener("unload", flushGathered);
  }
  for (const renderer of renderers) await tryToWrite(() => renderer.close());
  await tryToWrite(() => printer.end(signal));
  if (unwritten.length > 0) throw unwritten[0];
  if (failure !== undefined) throw failure.cause;
  return summary!;
}

/** Whether output is written in whole lines that are never redrawn. */
export function isPlain(options: OutputOptions, context: Context): boolean {
  return options.plain === true || context.env("TERM") === "dumb";
}

/** Whether results are shown in color (https://no-color.org). */
export function wantsColor(options: OutputOptions, context: Context): boolean {
  const when = options.color ?? "auto";
  if (when !== "auto") return when === "always";
  return context.isTerminal.out && !context.env("NO_COLOR") &&
    context.env("TERM") !== "dumb";
}

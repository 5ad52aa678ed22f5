// Shows the events of a run as the options ask for, keeps what is to be kept of
// it, and says how it ended.
import type { Summary } from "../../core/call/call.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import { createRenderer } from "../../output/create_renderer.ts";
import { createProgress } from "../../output/progress.ts";
import type { Renderer } from "../../output/renderer.ts";
import type { Context } from "../commands/context.ts";
import { UsageError, warningText } from "../process/exit_code.ts";
import type { OutputOptions } from "../options/options.ts";
import { createOutputFolder } from "./output_folder.ts";
import { createReportFile } from "./report_file.ts";
import { createRecorder, type Sink } from "./recorder.ts";
import { VERSION } from "../process/version.ts";

/** How long a run must stand still until what is known of it is shown. */
const STILL_MS = 2_000;

/** Everything that follows one run after the other. */
export interface Display {
  readonly renderers: readonly Renderer[];
  readonly sinks: readonly Sink[];
  /** Says on stderr who is pending. */
  sayPending(): void;
  /** Results so far are worth showing when nothing happens any more. */
  readonly isWatched: boolean;
}

/** Makes what the options ask for: results, and progress beside them. */
export function createDisplay(
  options: OutputOptions & { remedy?: string },
  context: Context,
): Display {
  const format = options.format ?? "text";
  if (options.columns && format !== "table") {
    throw new UsageError("Cannot use --columns: it goes with --format table");
  }
  if (options.diffHosts && format !== "text") {
    throw new UsageError("Cannot use --diff-hosts: it goes with --format text");
  }
  const forPeople = format === "text" || format === "table";
  const colour = wantsColour(options, context);
  const { isTerminal } = context;
  const warn = (text: string) => context.err(text);
  // Without a terminal it draws nothing, and still knows who is pending.
  const progress = createProgress(warn, {
    isTerminal: isTerminal.err && forPeople && !options.quiet,
    plain: isPlain(options, context),
    color: colour,
    width: () => context.columns,
  });
  const write = (text: string) => context.out(text);
  const renderer = createRenderer(format, {
    write: isTerminal.out ? progress.above(write) : write,
    version: VERSION,
    color: colour,
    verbosity: options.verbose ?? 0,
    remedy: options.remedy,
    quiet: options.quiet ?? false,
    diffHosts: options.diffHosts ?? false,
    ...(options.columns && { columns: options.columns }),
    ...(isTerminal.out && { width: context.columns }),
  });
  const sayAbove = progress.above(warn);
  if (isTerminal.in && isTerminal.err) {
    // The terminal has echoed ^C; what follows begins on a line of its own.
    context.signal.addEventListener("abort", () => sayAbove("\n"), {
      once: true,
    });
  }
  return {
    renderers: [progress, renderer],
    sinks: [
      ...options.output ? [createOutputFolder(options.output)] : [],
      ...options.report ? [createReportFile(options.report)] : [],
      ...options.record === false ? [] : [createRecorder({
        results: options.record ?? false,
        onError: (error) => warn(warningText((error as Error).message)),
      })],
    ],
    sayPending: () => sayAbove(progress.pending()),
    isWatched: isTerminal.out && forPeople,
  };
}

/**
 * Shows a run's events as they happen, and keeps what is to be kept; resolves to
 * its summary.
 */
export async function showEvents(
  events: AsyncIterable<RunEvent>,
  display: Display,
): Promise<Summary> {
  const summary = await follow(events, display);
  await finish(display);
  return summary;
}

/** Writes what is kept of a run that was followed to its end. */
export async function finish({ sinks }: Display): Promise<void> {
  for (const sink of sinks) await sink.finish();
}

/** Shows a run's events as they happen; resolves to its summary. */
export async function follow(
  events: AsyncIterable<RunEvent>,
  display: Display,
): Promise<Summary> {
  const { renderers, sinks } = display;
  let summary: Summary | undefined;
  let still: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    for (const renderer of renderers) renderer.flush?.();
  };
  // SIGUSR1 is taken: it opens the runtime's inspector to the network.
  Deno.addSignalListener("SIGUSR2", display.sayPending);
  try {
    for await (const event of events) {
      for (const each of [...renderers, ...sinks]) each.event(event);
      if (event.event === "run_end") summary = event.summary;
      if (event.event === "result" && display.isWatched) {
        clearTimeout(still);
        still = setTimeout(flush, STILL_MS);
      }
    }
  } finally {
    clearTimeout(still);
    Deno.removeSignalListener("SIGUSR2", display.sayPending);
    for (const renderer of renderers) renderer.close();
  }
  return summary!;
}

/** Whether nothing that was written may be changed. */
export function isPlain(options: OutputOptions, context: Context): boolean {
  return options.plain === true || context.env("TERM") === "dumb";
}

/** Whether results are shown in colour (https://no-color.org). */
export function wantsColour(options: OutputOptions, context: Context): boolean {
  const when = options.color ?? "auto";
  if (when !== "auto") return when === "always";
  return context.isTerminal.out && !context.env("NO_COLOR") &&
    context.env("TERM") !== "dumb";
}

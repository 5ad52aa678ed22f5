// Shows the events of a run as the options ask for, and says how it ended.
import type { Summary } from "../core/call.ts";
import type { RunEvent } from "../core/event.ts";
import { createRenderer } from "../output/create.ts";
import { createProgress } from "../output/progress.ts";
import type { Renderer } from "../output/renderer.ts";
import type { Context } from "./context.ts";
import { UsageError } from "./exit_code.ts";
import { VERSION } from "./version.ts";
import type { OutputOptions } from "./options.ts";

/** The renderers that the options ask for: results, and progress beside them. */
export function createRenderers(
  options: OutputOptions,
  context: Context,
): Renderer[] {
  const format = options.format ?? "text";
  if (options.columns && format !== "table") {
    throw new UsageError("Cannot use --columns: it goes with --format table");
  }
  const forPeople = format === "text" || format === "table";
  const colour = wantsColour(options, context);
  const progress = context.isTerminal.err && forPeople && !options.quiet
    ? createProgress((text) => context.err(text), {
      isTerminal: true,
      colour,
      width: () => context.columns,
      now: () => performance.now(),
      setTimer,
    })
    : undefined;
  const write = (text: string) => context.out(text);
  const renderer = createRenderer(format, {
    write: progress && context.isTerminal.out ? progress.above(write) : write,
    version: VERSION,
    colour,
    verbosity: options.verbose ?? 0,
    quiet: options.quiet ?? false,
    ...(options.columns && { columns: options.columns }),
    ...(context.isTerminal.out && { width: context.columns }),
  });
  return progress ? [progress, renderer] : [renderer];
}

function setTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** Shows a run's events as they happen; resolves to its summary. */
export async function show(
  events: AsyncIterable<RunEvent>,
  renderers: readonly Renderer[],
): Promise<Summary> {
  let summary: Summary | undefined;
  try {
    for await (const event of events) {
      for (const renderer of renderers) renderer.event(event);
      if (event.event === "run_end") summary = event.summary;
    }
  } finally {
    for (const renderer of renderers) renderer.close();
  }
  return summary!;
}

/** Whether results are shown in colour (https://no-color.org). */
export function wantsColour(options: OutputOptions, context: Context): boolean {
  const when = options.color ?? "auto";
  if (when !== "auto") return when === "always";
  return context.isTerminal.out && !context.env("NO_COLOR") &&
    context.env("TERM") !== "dumb";
}

// Lets workers make a call, over NATS, and shows the results; or leaves the call to
// them, and prints the run's id.
import type { RunEvent } from "../../core/call/run_event.ts";
import type { Summary } from "../../core/call/call.ts";
import type { Engine, EngineTask } from "../../core/run/engine.ts";
import type { HostInput } from "../../core/shell/host_input.ts";
import type { Host, Inventory } from "../../inventory/inventory.ts";
import type { Context } from "../commands/context.ts";
import type { CliFleetOptions } from "../input/fleet_options.ts";
import { checkNatsOptions, makeNatsEngine } from "../input/nats_sending.ts";
import type { NatsOptions } from "../options/nats_rows.ts";
import { EXIT, UsageError, warningText } from "../process/exit_code.ts";
import { FtlError } from "../../errors.ts";
import type { OutputOptions } from "../options/options.ts";
import { type Display, showEvents } from "./show_events.ts";

/** What the command knows about the run. */
export interface OverNats {
  readonly context: Context;
  readonly inventory: Inventory;
  /** Set when facts choose the hosts. */
  readonly decide: unknown;
  readonly hosts: readonly Host[];
  readonly display: Display;
  readonly stdin: (() => Promise<HostInput | undefined>) | undefined;
  readonly show:
    | ((events: AsyncIterable<RunEvent>) => Promise<Summary>)
    | undefined;
  readonly statusOf: (summary: Summary) => number;
}

/** Makes a call over NATS; resolves to the exit status. */
export async function runOverNats(
  task: EngineTask,
  options: CliFleetOptions & NatsOptions & OutputOptions,
  { context, inventory, decide, hosts, display, ...more }: OverNats,
): Promise<number> {
  checkNatsOptions(options);
  if (decide !== undefined) {
    throw new UsageError("Cannot choose hosts by facts over NATS", {
      hint: "Choose them by names and groups, or run it without --nats",
    });
  }
  const { say } = display;
  const engine = await beforeHosts(
    makeNatsEngine(hosts, options, context, { inventory, say }),
  );
  try {
    const { signal } = context;
    const stdin = await more.stdin?.();
    if (options.detach) {
      warnOfDetached(options, context);
      const run = await beforeHosts(engine.detach(task, signal));
      context.out(`${run}\n`);
      return EXIT.ok;
    }
    const start = (signal: AbortSignal) =>
      fromStart(engine.run(task, { signal, stdin }));
    const summary = more.show === undefined
      ? await showEvents(start, display)
      : await more.show(start(signal));
    return signal.aborted ? EXIT.interrupted : more.statusOf(summary);
  } finally {
    await engine.close();
  }
}

/** This process has no results of a detached run. */
function warnOfDetached(options: OutputOptions, context: Context): void {
  const { output, report, record } = options;
  const flags = { "--output": output, "--report": report, "--record": record };
  for (const [flag, value] of Object.entries(flags)) {
    if (value === undefined || value === false) continue;
    context.err(warningText(
      `${flag} is not used with --detach: give it to ftl runs follow`,
    ));
  }
}

/** Makes calls over NATS; what fails before any contact is a mistake of usage. */
export function usageEngine(engine: Engine): Pick<Engine, "run"> {
  return {
    run: (task, options) => {
      const events = engine.run(task, options);
      return fromStart(events as AsyncGenerator<RunEvent, void, void>);
    },
  };
}

/** The events of a run; what fails before the first one has contacted no host. */
async function* fromStart(
  events: AsyncGenerator<RunEvent, void, void>,
): AsyncGenerator<RunEvent, void, void> {
  try {
    const first = await beforeHosts(events.next());
    if (first.done) return;
    yield first.value;
    yield* events;
  } finally {
    await events.return();
  }
}

/** @throws {UsageError} when nothing was run, whatever the reason. */
async function beforeHosts<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    // An error of another class has a status of its own.
    if (!(cause instanceof FtlError) || cause.name !== "FtlError") throw cause;
    const { message, host, hint } = cause;
    throw new UsageError(message, { host, hint, cause });
  }
}

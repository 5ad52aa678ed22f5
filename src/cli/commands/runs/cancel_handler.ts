// `ftl runs cancel`: ends a run that workers make over NATS, and shows how it ended.
import { cancelRun } from "../../../core/nats/sender/cancel_run.ts";
import { followRun } from "../../../core/nats/sender/follow_run.ts";
import { findReceiver } from "../../../core/nats/trust/run_receivers.ts";
import { createDisplay, showEvents } from "../../display/show_events.ts";
import { makeNatsSender } from "../../input/nats_sending.ts";
import type { NatsOptions } from "../../options/nats_rows.ts";
import type { OutputOptions } from "../../options/options.ts";
import { EXIT, exitCodeOf } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** The options of `ftl runs cancel`. */
export type RunsCancelOptions =
  & OutputOptions
  & Pick<NatsOptions, "nats" | "signKey" | "knownWorkers">;

/** Cancels a run; resolves to its exit status. */
export async function handleRunsCancel(
  run: string,
  options: RunsCancelOptions,
  context: Context,
): Promise<number> {
  const display = await createDisplay({ record: false, ...options }, context);
  const id = await findReceiver(run);
  const sender = await makeNatsSender(options, context, display);
  try {
    const { signal } = context;
    const { link, known } = sender.options;
    await cancelRun(sender, { run: id, signal });
    const summary = await showEvents(
      (signal) => followRun(link, { run: id, signal, known }),
      display,
    );
    return signal.aborted ? EXIT.interrupted : exitCodeOf(summary);
  } finally {
    sender.options.key?.close();
    await sender.options.link.close();
  }
}

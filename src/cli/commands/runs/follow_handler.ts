// `ftl runs follow`: shows a run that workers make over NATS, from its start, in a
// second terminal or later.
import { followRun } from "../../../core/nats/sender/follow_run.ts";
import { findReceiver } from "../../../core/nats/trust/run_receivers.ts";
import { createDisplay, showEvents } from "../../display/show_events.ts";
import { connectToNats } from "../../input/nats_connection.ts";
import { loadKnownWorkers } from "../../input/nats_sending.ts";
import type { NatsOptions } from "../../options/nats_rows.ts";
import type { OutputOptions } from "../../options/options.ts";
import { EXIT, exitCodeOf } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** The options of `ftl runs follow`. */
export type RunsFollowOptions =
  & OutputOptions
  & Pick<NatsOptions, "nats" | "knownWorkers">;

/** Follows a run to its end; resolves to its exit status. */
export async function handleRunsFollow(
  run: string,
  { nats, knownWorkers, ...options }: RunsFollowOptions,
  context: Context,
): Promise<number> {
  const display = await createDisplay({ record: false, ...options }, context);
  const name = "ftl runs follow";
  const id = await findReceiver(run);
  const known = await loadKnownWorkers(knownWorkers);
  const link = await connectToNats(nats, { name, role: "sender", context });
  try {
    const { signal } = context;
    const summary = await showEvents(
      (signal) => followRun(link, { run: id, signal, known }),
      display,
    );
    return signal.aborted ? EXIT.interrupted : exitCodeOf(summary);
  } finally {
    await link.close();
  }
}

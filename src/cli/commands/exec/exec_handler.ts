// `ftl exec`: runs a shell command on the chosen hosts.
import { runOnHosts } from "../../display/run_on_hosts.ts";
import { callOf } from "../../input/call_options.ts";
import type { OnHostsOptions } from "../../options/options.ts";
import type { Context } from "../context.ts";

/** Runs a shell command on the chosen hosts; resolves to the exit status. */
export async function handleExec(
  command: readonly string[],
  options: OnHostsOptions,
  context: Context,
): Promise<number> {
  return await runOnHosts({ ...callOf(options), command }, options, context);
}

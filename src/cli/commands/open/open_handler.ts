// `ftl open`: opens hosts in a session, and reports each as a run does.
import { runOnHosts } from "../../display/run_on_hosts.ts";
import { callOf } from "../../input/call_options.ts";
import { CALL_DEFAULTS } from "../../../core/call/call_defaults.ts";
import type { ModuleOptions, OnHostsOptions } from "../../options/options.ts";
import type { Context } from "../context.ts";
import { DEFAULT_SESSION } from "../../../core/session/session_folder.ts";

/** The options of `ftl open`. */
export type OpenCommandOptions =
  & OnHostsOptions
  & ModuleOptions
  & { name?: string; gate?: string };

/** Opens the chosen hosts; resolves to the exit status. */
export async function handleOpen(
  pattern: string | undefined,
  options: OpenCommandOptions,
  context: Context,
): Promise<number> {
  const { name: session = DEFAULT_SESSION } = options;
  const keep = options.keep ?? CALL_DEFAULTS.sessionIdleMs / 1000;
  return await runOnHosts({ ...callOf(options), open: true }, {
    ...options,
    ...(pattern !== undefined && { pattern }),
    session,
    keep,
  }, context);
}

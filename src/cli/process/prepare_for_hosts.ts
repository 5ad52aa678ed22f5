// Prepares the process before it contacts hosts: a host that makes Deno crash or
// hang must not expose the command line, nor keep ftl from ending. From then on it
// may run for long.
import { hideArguments } from "./hide_arguments.ts";
import { renewRuntime } from "./renew_runtime.ts";
import { startWatchdog } from "./watchdog.ts";

let isDone = false;

/**
 * Prepares the process, once.
 *
 * @param argv the arguments of the process
 * @param ending aborted when the process has begun to end
 */
export function prepareForHosts(
  argv: readonly string[],
  ending: AbortSignal,
): void {
  if (isDone) return;
  isDone = true;
  hideArguments(argv);
  renewRuntime();
  try {
    void startWatchdog(ending);
  } catch {
    // ftl works without it: it only helps when the event loop hangs.
  }
}

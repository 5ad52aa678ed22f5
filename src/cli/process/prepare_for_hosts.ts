// What is done to the process before it meets hosts. A host that makes Deno
// fail or hang must not lay open what was typed, nor keep ftl from ending.
import { hideArguments } from "./hide_arguments.ts";
import { startWatchdog } from "./watchdog.ts";

let isDone = false;

/**
 * Prepares the process, once.
 *
 * @param argv the arguments that the process was given
 * @param ending aborted when it has been asked to end, and does
 */
export function prepareForHosts(
  argv: readonly string[],
  ending: AbortSignal,
): void {
  if (isDone) return;
  isDone = true;
  hideArguments(argv);
  try {
    void startWatchdog(ending);
  } catch {
    // It helps where all else has failed: without it ftl works as well.
  }
}

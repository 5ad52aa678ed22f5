// Prepares the process before it contacts hosts: a host that makes Deno crash or
// hang must not expose the command line, nor keep ftl from ending. From then on it
// may run for long.
import { callLater } from "../../async/timer.ts";
import { idleMemory } from "../../core/fleet/idle_memory.ts";
import { hideArguments } from "./hide_arguments.ts";
import { renewRuntime } from "./renew_runtime.ts";

let isDone = false;

/** How hosts will be reached. */
export interface Preparation {
  /**
   * Sessions may have the hosts. Most such commands are over before the watchdog
   * would have started, so it and other timers start a little later. Default: false.
   */
  hasSessions?: boolean;
}

/** A call in a session takes a round trip and a few milliseconds. */
const WATCH_AFTER_MS = 300;

/**
 * Prepares the process, once.
 *
 * @param argv the arguments of the process
 * @param ending aborted when the process has begun to end
 */
export function prepareForHosts(
  argv: readonly string[],
  ending: AbortSignal,
  { hasSessions = false }: Preparation = {},
): void {
  if (isDone) return;
  isDone = true;
  idleMemory.enable();
  hideArguments(argv);
  if (hasSessions) callLater(WATCH_AFTER_MS, () => void watch(ending));
  else void watch(ending);
}

async function watch(ending: AbortSignal): Promise<void> {
  renewRuntime();
  try {
    // On demand: its thread runs its file, and what that imports.
    const { startWatchdog } = await import("./watchdog.ts");
    void startWatchdog(ending);
  } catch {
    // ftl works without it: it only helps when the event loop hangs.
  }
}

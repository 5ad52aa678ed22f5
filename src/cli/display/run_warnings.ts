// Shows the warnings of a run on stderr as it starts: a deprecated module, a util
// that will be removed. Each is shown once, however many runs follow.
import type { Renderer } from "../../output/renderer.ts";
import { warningText } from "../process/exit_code.ts";

/** A renderer of the warnings of runs. */
export function createRunWarnings(say: (text: string) => void): Renderer {
  const shown = new Set<string>();
  return {
    event(event) {
      if (event.event !== "run_start") return;
      for (const warning of event.warnings ?? []) {
        if (shown.has(warning)) continue;
        shown.add(warning);
        say(warningText(warning));
      }
    },
    close() {},
  };
}

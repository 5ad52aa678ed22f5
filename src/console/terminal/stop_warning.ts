// The warning at ^Z while modules run: a process that is stopped sends no pings,
// and the gates count the link as lost.
import { PING_MS, SILENCE_MS } from "../../protocol/limits.ts";

/** The least time that is left: the last ping may be this old. */
const LEFT_S = (SILENCE_MS - PING_MS) / 1000;

/** A line for the terminal; `linkLoss` is what the gates do then. */
export function stopWarning(linkLoss: "kill" | "finish" = "kill"): string {
  const what = linkLoss === "kill"
    ? "hosts end the running calls"
    : "the results of running calls are lost";
  return `ftl is stopped: ${what} in ${LEFT_S} s, unless fg continues it\n`;
}

// What the prompt says: which hosts are chosen, how many of them are open, and
// what makes calls differ from the usual. Pure.
import { fitWidth } from "../../output/width.ts";
import { escapeLine } from "../../output/escape.ts";
import type { Session } from "./session.ts";

const MAX_PATTERN = 24;

/** The prompt of a session of whose hosts so many are open. */
export function promptText(
  { pattern, hosts, settings }: Session,
  open: number,
): string {
  const shown = fitWidth(escapeLine(pattern), MAX_PATTERN);
  const modes = [
    settings.check ? " check" : "",
    settings.diff ? " diff" : "",
    becomeMode(settings),
  ].join("");
  return `${shown} ${open}/${hosts.length}${modes}> `;
}

function becomeMode({ become }: Session["settings"]): string {
  if (!become?.enabled) return "";
  return ` as ${escapeLine(become.user ?? "root")}`;
}

/** The prompt of a line that goes on, aligned with the one above it. */
export function continuationPrompt(prompt: string): string {
  return "> ".padStart(prompt.length);
}

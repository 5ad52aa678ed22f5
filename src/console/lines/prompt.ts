// The prompt: the chosen hosts, how many gates are open, and the modes that
// change how calls run. Pure.
import { fitWidth } from "../../output/width.ts";
import { escapeLine } from "../../output/escape.ts";
import type { Session } from "./session.ts";

const MAX_PATTERN = 24;

/** The prompt of a session; `open` is the number of open gates. */
export function promptText(
  { pattern, hosts, settings }: Session,
  open: number | undefined,
): string {
  const shown = fitWidth(escapeLine(pattern), MAX_PATTERN);
  const modes = [
    settings.check ? " check" : "",
    settings.diff ? " diff" : "",
    becomeMode(settings),
  ].join("");
  const count = open === undefined ? "" : `${open}/`;
  return `${shown} ${count}${hosts.length}${modes}> `;
}

function becomeMode({ become }: Session["settings"]): string {
  if (!become?.enabled) return "";
  return ` as ${escapeLine(become.user ?? "root")}`;
}

/** The prompt of a continued line, aligned with the one above it. */
export function continuationPrompt(prompt: string): string {
  return "> ".padStart(prompt.length);
}

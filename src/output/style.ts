// Colour and weight. Whoever decides about colour (NO_COLOR, --color, whether
// the output is a terminal) passes one boolean; without colour every style
// leaves its text as it is, so nothing may be told by style alone.
import type { Status } from "../core/call/call.ts";

/** Wraps text that has been escaped. Styles are not nested. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  added(text: string): string;
  removed(text: string): string;
  warning(text: string): string;
  prompt(text: string): string;
  /** Colours a word in the colour of a status. */
  status(status: Status, text: string): string;
}

const COLOUR_OF: Record<Status, string> = {
  ok: "32",
  changed: "33",
  skipped: "36",
  failed: "31",
  timed_out: "35",
  unreachable: "1;31",
  cancelled: "35",
};

/** Makes the styles for an output with or without colour. */
export function createStyle(colour: boolean): Style {
  const paint = (code: string, text: string) =>
    colour && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    bold: (text) => paint("1", text),
    dim: (text) => paint("2", text),
    added: (text) => paint("32", text),
    removed: (text) => paint("31", text),
    warning: (text) => paint("35", text),
    prompt: (text) => paint("36", text),
    status: (status, text) => paint(COLOUR_OF[status], text),
  };
}

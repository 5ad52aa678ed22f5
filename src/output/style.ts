// Color and weight of text. The caller decides about color (NO_COLOR, --color,
// whether output is a terminal). Without color, styles leave text unchanged, so
// no information may depend on style alone.
import type { Status } from "../core/call/call.ts";

/** Styles escaped text. Styles are not nested. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  added(text: string): string;
  removed(text: string): string;
  warning(text: string): string;
  prompt(text: string): string;
  /** Styles text in the color of a status. */
  status(status: Status, text: string): string;
}

const COLOR_OF: Record<Status, string> = {
  ok: "32",
  changed: "33",
  skipped: "36",
  failed: "31",
  timed_out: "35",
  unreachable: "1;31",
  cancelled: "35",
};

/** Creates the styles of an output with or without color. */
export function createStyle(color: boolean): Style {
  const paint = (code: string, text: string) =>
    color && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    bold: (text) => paint("1", text),
    dim: (text) => paint("2", text),
    added: (text) => paint("32", text),
    removed: (text) => paint("31", text),
    warning: (text) => paint("35", text),
    prompt: (text) => paint("36", text),
    status: (status, text) => paint(COLOR_OF[status], text),
  };
}

// Renders each event as one line of JSON when it happens, for programs that follow
// a run. Every line is complete, so output is valid up to an interrupt.
import { toEntry } from "./result_entry.ts";
import { toJsonText } from "./escape.ts";
import type { Renderer, TextWriter } from "./renderer.ts";

/** Renders events as NDJSON; `event` and `t` come first in each line. */
export function createNdjsonRenderer(write: TextWriter): Renderer {
  return {
    event(event) {
      const { event: name, t, ...rest } = event;
      const data = event.event === "result" ? toEntry(event) : rest;
      write(toJsonText({ event: name, t, ...data }) + "\n");
    },
    close() {},
  };
}

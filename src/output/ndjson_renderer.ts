// One event per line of JSON, as it happens: for programs that follow a run.
// Every line stands alone, so what was written before an interrupt is valid.
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

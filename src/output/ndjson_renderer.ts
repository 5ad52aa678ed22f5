// Renders each event as one line of JSON when it happens, for programs that follow
// a run. Every line is complete, so output is valid up to an interrupt.
import type { ResultQuery } from "./query.ts";
import { toEntry } from "./result_entry.ts";
import { toJsonText } from "./escape.ts";
import type { Renderer, TextWriter } from "./renderer.ts";

/**
 * Renders events as NDJSON; `event` and `t` come first in each line. With a query,
 * a result is its `host` and `value`.
 */
export function createNdjsonRenderer(
  write: TextWriter,
  { query }: { query?: ResultQuery | undefined } = {},
): Renderer {
  return {
    event(event) {
      const { event: name, t, ...rest } = event;
      const data = event.event !== "result"
        ? rest
        : query === undefined
        ? toEntry(event)
        : { host: event.host, value: query(event) };
      write(toJsonText({ event: name, t, ...data }) + "\n");
    },
    close() {},
  };
}

// Renders a run as one JSON document. The duration precedes the results, so
// results are held until the run has ended, and then written one by one. The
// document is also complete after an interrupt.
import type { RunEvent } from "../core/call/run_event.ts";
import {
  emptySummary,
  type HostResult,
  type Summary,
} from "../core/call/call.ts";
import type { ResultQuery } from "./query.ts";
import { toEntry } from "./result_entry.ts";
import { toJsonText } from "./escape.ts";
import type { Renderer, TextWriter } from "./renderer.ts";

type Start = Extract<RunEvent, { event: "run_start" }>;

/**
 * Renders each run as one document and a newline, with results in the order of
 * the run's hosts. The document of an interrupted run has the results received
 * so far, and a summary of those. With a query, `results` has its value of each host.
 */
export function createJsonRenderer(
  write: TextWriter,
  options: { version: string; query?: ResultQuery | undefined },
): Renderer {
  let start: Start | undefined;
  let results = new Map<string, HostResult>();
  let lastT = 0;
  const shown = options.query ?? toEntry;

  function finish(durationMs: number, summary: Summary): void {
    if (start === undefined) return;
    const head = {
      ftl: options.version,
      module: start.module,
      ...(start.transfer === undefined ? {} : { transfer: start.transfer }),
      ...(start.open === undefined ? {} : { open: start.open }),
      ...(start.command === undefined ? {} : { command: start.command }),
      args: start.args,
      ...(start.shard === undefined ? {} : { shard: start.shard }),
      started: start.started,
      duration_ms: durationMs,
    };
    write(toJsonText(head).slice(0, -1) + ',\n"results": {');
    let separator = "\n";
    for (const host of start.hosts) {
      const result = results.get(host);
      if (result === undefined) continue;
      write(`${separator}${toJsonText(host)}: ${toJsonText(shown(result))}`);
      separator = ",\n";
    }
    write(`\n},\n"summary": ${toJsonText(summary)}}\n`);
    start = undefined;
    results = new Map();
  }

  return {
    event(event) {
      lastT = event.t;
      if (event.event === "run_start") start = event;
      else if (event.event === "result") results.set(event.host, event);
      else if (event.event === "run_end") {
        finish(event.duration_ms, event.summary);
      }
    },
    close() {
      if (start === undefined) return;
      const summary = emptySummary(start.hosts.length);
      for (const result of results.values()) summary[result.status]++;
      finish(lastT, summary);
    },
  };
}

// Turns the events of a run into its record: the call with its secrets masked,
// hosts and statuses, and results only with `--record`.
import type { RunEvent } from "../../core/call/run_event.ts";
import { createNdjsonRenderer } from "../../output/ndjson_renderer.ts";
import { terminalKey } from "../process/terminal_key.ts";
import { callWords } from "./run_words.ts";
import { openRuns, type RunRecord } from "../../store/runs.ts";

/** Results of one run beyond this many bytes are not kept. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;

/** Follows the events of a run, next to its renderers. */
export interface Sink {
  event(event: RunEvent): void;
  /**
   * Writes the rest; called once per run, at its end.
   *
   * @throws {FtlError} when it cannot.
   */
  finish(): Promise<void>;
}

/**
 * Keeps a record of each run.
 *
 * @param options `results`: keep results too; `pattern`: what chose the hosts of
 * every run; `onError`: called when a record
 * cannot be written, which does not fail the run.
 */
export function createRecorder(
  { results, pattern, onError }: {
    results: boolean;
    pattern?: string | undefined;
    onError: (error: unknown) => void;
  },
): Sink {
  let start: Extract<RunEvent, { event: "run_start" }> | undefined;
  let record: RunRecord | undefined;
  let hosts: Record<string, string[]> = {};
  let events: string[] = [];
  let size = 0;
  let opening: ReturnType<typeof openRuns> | undefined;
  const terminal = terminalKey();
  const ndjson = createNdjsonRenderer((line) => {
    size += line.length;
    if (size <= MAX_EVENT_BYTES) events.push(line);
  });

  return {
    event(event) {
      if (event.event === "run_start") {
        [start, record, hosts, events, size] = [event, undefined, {}, [], 0];
        opening = openRuns(); // while the hosts work
        opening.catch(() => {}); // reported at the end
      } else if (event.event === "result") {
        (hosts[event.status] ??= []).push(event.host);
      } else if (event.event === "run_end" && start !== undefined) {
        const { run, started, module, transfer } = start;
        const { duration_ms, summary } = event;
        const counts = { ...summary };
        record = {
          run,
          started,
          duration_ms,
          module,
          ...(transfer === undefined ? {} : { transfer }),
          call: callWords({ ...start, args: event.args ?? start.args }),
          ...(pattern === undefined ? {} : { pattern }),
          ...(terminal === undefined ? {} : { terminal }),
          summary: counts,
          hosts,
        };
        // The end is kept however large the results are.
        size = 0;
      }
      const isKept = /^(?:run_start|result|run_end)$/.test(event.event);
      if (!results || !isKept) return;
      if (event.event === "run_end" && event.args !== undefined && start) {
        // Arguments that hosts mask are masked at the start of the record too.
        ndjson.event({ ...start, args: event.args });
        events[0] = events.pop()!;
      }
      ndjson.event(event);
    },
    async finish() {
      if (record === undefined) return;
      try {
        const runs = await (opening ?? openRuns());
        await runs.add(record, results ? events.join("") : undefined);
      } catch (error) {
        onError(error);
      }
    },
  };
}

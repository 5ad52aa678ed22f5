// Turns the events of a run into what is kept of it: hosts and statuses, and
// results only when that was asked for.
import type { RunEvent } from "../../core/call/run_event.ts";
import { createNdjsonRenderer } from "../../output/ndjson_renderer.ts";
import { openRuns, type RunRecord } from "../../store/runs.ts";

/** Results beyond this are not kept, in bytes of one run. */
const MAX_EVENTS = 64 * 1024 * 1024;

/** What follows a run beside its renderers. */
export interface Sink {
  event(event: RunEvent): void;
  /**
   * Writes what is left to write; once for each run, at its end.
   *
   * @throws {FtlError} when it cannot.
   */
  finish(): Promise<void>;
}

/**
 * Keeps a record of each run.
 *
 * @param options `results`: with what hosts answered; `onError`: told why a run
 * could not be kept, which has run all the same.
 */
export function createRecorder(
  { results, onError }: { results: boolean; onError: (error: unknown) => void },
): Sink {
  let start: Extract<RunEvent, { event: "run_start" }> | undefined;
  let record: RunRecord | undefined;
  let hosts: Record<string, string[]> = {};
  let events: string[] = [];
  let size = 0;
  const ndjson = createNdjsonRenderer((line) => {
    size += line.length;
    if (size <= MAX_EVENTS) events.push(line);
  });

  return {
    event(event) {
      if (event.event === "run_start") {
        [start, record, hosts, events, size] = [event, undefined, {}, [], 0];
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
          summary: counts,
          hosts,
        };
        // Whatever the results take up, a run has its end.
        size = 0;
      }
      const isKept = /^(?:run_start|result|run_end)$/.test(event.event);
      if (!results || !isKept) return;
      if (event.event === "run_end" && event.args !== undefined && start) {
        // What hosts have told of secrets holds for the begin as well.
        ndjson.event({ ...start, args: event.args });
        events[0] = events.pop()!;
      }
      ndjson.event(event);
    },
    async finish() {
      if (record === undefined) return;
      try {
        const runs = await openRuns();
        await runs.add(record, results ? events.join("") : undefined);
      } catch (error) {
        onError(error);
      }
    },
  };
}

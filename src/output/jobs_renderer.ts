// Renders the answers of hosts that were asked for their jobs as one table, with why
// others could not be asked. Kept until the end, so that columns are aligned.
import { isObject } from "../protocol/body.ts";
import type { Json, JsonObject } from "../protocol/message.ts";
import { columnsText } from "./columns.ts";
import { escapeText, toJsonText } from "./escape.ts";
import { localTime } from "./local_time.ts";
import type { Renderer, TextWriter } from "./renderer.ts";

/** Options of a table of jobs. */
export interface JobsTableOptions {
  /** Lines are cut to this width. Default: no limit. */
  readonly width?: number | undefined;
  /** Writes which hosts list no jobs, and why. Default: `write`. */
  readonly writeError?: TextWriter | undefined;
}

/** Renders the results of `async_status mode=list`. */
export function createJobsRenderer(
  write: TextWriter,
  { width, writeError = write }: JobsTableOptions = {},
): Renderer {
  let rows: string[][] = [];
  let answered = 0;
  let silent = 0;

  function finish(isWhole: boolean): void {
    // Before writing, which may throw: what is left is written at the close.
    const table = rows;
    const counts = { answered, silent };
    rows = [];
    answered = silent = 0;
    if (table.length > 0) {
      write(columnsText([
        ["HOST", "JOB", "STATE", "STARTED", "LIMIT", "MODULE"],
        ...table.sort(([a = ""], [b = ""]) => a < b ? -1 : a > b ? 1 : 0),
      ], width === undefined ? {} : { width }));
    } else if (isWhole && counts.answered > 0) {
      write(
        `${counts.silent === 0 ? "These" : "The other"} hosts have no jobs\n`,
      );
    }
  }

  return {
    event(event) {
      if (event.event === "run_end") finish(true);
      if (event.event !== "result") return;
      const { host, error, result } = event;
      if (error === null && isObject(result) && Array.isArray(result.jobs)) {
        answered++;
        // One by one: a host decides how many there are.
        for (const job of result.jobs) {
          if (isObject(job)) rows.push([host, ...rowOf(job)]);
        }
        return;
      }
      silent++;
      const why = error?.message ??
        (isObject(result) ? textOf(result.msg) : "");
      writeError(escapeText(`ftl: ${host}: ${why || "It lists no jobs"}\n`));
    },
    close: () => finish(false),
  };
}

function rowOf(job: JsonObject): string[] {
  const started = typeof job.started === "number"
    ? localTime(job.started * 1000)
    : "";
  const limit = job.seconds === undefined ? "" : `${textOf(job.seconds)} s`;
  const { job: name, state, module } = job;
  return [textOf(name), textOf(state), started, limit, textOf(module)];
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? toJsonText(value) : String(value);
}

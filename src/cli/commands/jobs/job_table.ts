// The table of the jobs that hosts have.
import type { Summary } from "../../../core/call/call.ts";
import type { RunEvent } from "../../../core/call/run_event.ts";
import { columnsText } from "../../../output/columns.ts";
import { isObject } from "../../../protocol/body.ts";
import type { Json, JsonObject } from "../../../protocol/message.ts";
import { warningText } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";
import { localTime } from "../../display/local_time.ts";

/** Prints the jobs of hosts, and why others could not be asked. */
export async function listJobs(
  events: AsyncIterable<RunEvent>,
  context: Context,
): Promise<Summary> {
  const rows: string[][] = [];
  let answered = 0;
  let silent = 0;
  let summary: Summary | undefined;
  for await (const event of events) {
    if (event.event === "run_end") summary = event.summary;
    if (event.event !== "result") continue;
    const { host, error, result } = event;
    if (error !== null) {
      silent++;
      context.err(warningText(`${host}: ${error.message}`));
    } else if (isObject(result) && Array.isArray(result.jobs)) {
      answered++;
      // One by one: a host decides how many there are.
      for (const job of result.jobs) {
        if (isObject(job)) rows.push([host, ...rowOf(job)]);
      }
    } else {
      silent++;
      const msg = isObject(result) ? textOf(result.msg) : "";
      context.err(warningText(`${host}: ${msg || "It lists no jobs"}`));
    }
  }
  if (rows.length === 0) {
    if (silent === 0) context.out("These hosts have no jobs\n");
    else if (answered > 0) context.out("The other hosts have no jobs\n");
  } else {
    const width = context.cutAt;
    context.out(columnsText([
      ["HOST", "JOB", "STATE", "STARTED", "LIMIT", "MODULE"],
      ...rows.sort(([a = ""], [b = ""]) => a < b ? -1 : a > b ? 1 : 0),
    ], width === undefined ? {} : { width }));
  }
  return summary!;
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
  return value === undefined || value === null ? "" : String(value);
}

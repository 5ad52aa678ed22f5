// `ftl runs list` and `ftl runs show`.
import { parseExact } from "../../../json/exact_json.ts";
import {
  type Status,
  STATUSES,
  type Summary,
} from "../../../core/call/call.ts";
import type { RunEvent } from "../../../core/call/run_event.ts";
import { foldNames } from "../../../inventory/fold.ts";
import { columnsText } from "../../../output/columns.ts";
import { escapeLine, toJsonText } from "../../../output/escape.ts";
import { createStyle } from "../../../output/style.ts";
import {
  countsLine,
  durationText,
  statusText,
} from "../../../output/summary.ts";
import {
  openRuns,
  type RunRecord,
  type Runs,
  type StoredRun,
} from "../../../store/runs.ts";
import type { Context } from "../context.ts";
import { localTime } from "../../../output/local_time.ts";
import { terminalKey } from "../../process/terminal_key.ts";
import { EXIT, UsageError } from "../../process/exit_code.ts";
import type { OutputOptions } from "../../options/options.ts";
import { createReportFile } from "../../display/report_file.ts";
import { createDisplay, showEvents } from "../../display/show_events.ts";

/** The options of `ftl runs list`. */
export interface ListOptions {
  format?: "text" | "json";
}

/** Lists the recorded runs. */
export async function handleRunsList(
  options: ListOptions,
  context: Context,
): Promise<number> {
  const runs = await (await openRuns()).list();
  if (options.format === "json") {
    context.out(toJsonText(runs, 2) + "\n");
  } else if (runs.length === 0) {
    context.out("No runs are recorded\n");
  } else {
    context.out(columnsText([
      ["RUN", "STARTED", "TIME", "HOSTS", "RESULT", "CALL"],
      ...runs.map(rowOf),
    ], context.cutAt === undefined ? {} : { width: context.cutAt }));
  }
  return EXIT.ok;
}

/** The options of `ftl runs report`. */
export interface RunsReportOptions {
  output?: string;
}

/** Writes a page about one run; default: the last. */
export async function handleRunsReport(
  prefix: string | undefined,
  options: RunsReportOptions,
  context: Context,
): Promise<number> {
  const records = await openRuns();
  const id = prefix ?? (await lastOf(records))?.id;
  if (id === undefined) {
    throw new UsageError("Cannot report the last run: no run is recorded");
  }
  const run = await records.find(id);
  if (!run.has_events) {
    throw new UsageError(
      `Cannot report the run ${id}: its results were not kept`,
      {
        hint: "Run with --record, or with --report FILE",
      },
    );
  }
  const path = options.output ?? `ftl-${run.id}.html`;
  const file = createReportFile(path);
  for await (const event of parseEvents(await records.events(run))) {
    file.event(event);
  }
  await file.finish();
  context.out(`${path}\n`);
  return EXIT.ok;
}

/** The options of `ftl runs show`. */
export type RunsShowOptions = OutputOptions & { last?: boolean };

/** Shows one run; default: the last. */
export async function handleRunsShow(
  prefix: string | undefined,
  options: RunsShowOptions,
  context: Context,
): Promise<number> {
  if (options.last && prefix !== undefined) {
    throw new UsageError(`Cannot show both the run ${prefix} and the last one`);
  }
  const records = await openRuns();
  const id = prefix ?? (await lastOf(records))?.id;
  if (id === undefined) {
    throw new UsageError("Cannot show the last run: no run is recorded");
  }
  const run = await records.find(id);
  if (run.has_events) {
    if (options.format === undefined || options.format === "text") {
      context.out(headOf(run));
    }
    const display = await createDisplay({ ...options, record: false }, context);
    const lines = await records.events(run);
    await showEvents(() => parseEvents(lines), display);
  } else if (options.format === "json") {
    context.out(toJsonText(run, 2) + "\n");
  } else if (options.format === undefined || options.format === "text") {
    context.out(textOf(run));
  } else {
    throw new UsageError(
      `Cannot show the run ${id} as ${options.format}: its results were not kept`,
      { hint: "Run with --record to keep results" },
    );
  }
  return EXIT.ok;
}

/** The last run of this terminal, or else of all. */
async function lastOf(runs: Runs): Promise<StoredRun | undefined> {
  return await runs.last({ terminal: terminalKey() }) ?? await runs.last();
}

function rowOf(run: StoredRun): string[] {
  return [
    run.id,
    localTime(Date.parse(run.started)),
    durationText(run.duration_ms),
    hostsOf(run),
    endOf(run),
    callOf(run),
  ];
}

/** What was run. */
function callOf({ call, module, transfer }: RunRecord): string {
  return call ?? module ?? (transfer === undefined ? "exec" : transfer);
}

/** The pattern that chose the hosts, or their names. */
function hostsOf({ pattern, hosts, summary }: RunRecord): string {
  const names = pattern ?? foldNames(Object.values(hosts).flat());
  const shown = names.length > MAX_HOSTS
    ? names.slice(0, MAX_HOSTS) + "…"
    : names;
  return `${shown} (${summary.hosts})`;
}

const MAX_HOSTS = 24;

/** The lines about a run above its results. */
function headOf(run: StoredRun): string {
  return `${run.id}: ${escapeLine(callOf(run))}\n` +
    `on ${escapeLine(hostsOf(run))}, ${
      localTime(Date.parse(run.started))
    }, in ${durationText(run.duration_ms)}\n`;
}

function endOf({ summary }: RunRecord): string {
  return countsLine(summary as unknown as Summary, createStyle(false));
}

function textOf(run: StoredRun): string {
  const lines = [
    headOf(run).trimEnd(),
    ...STATUSES.flatMap((status: Status) => {
      const hosts = run.hosts[status] ?? [];
      return hosts.length === 0 ? [] : [
        `  ${hosts.length} ${statusText(status)}: ${
          escapeLine(foldNames(hosts))
        }`,
      ];
    }),
    "Results were not kept. Run with --record to keep them.",
  ];
  return lines.join("\n") + "\n";
}

/** Reads the NDJSON that ftl wrote itself. */
async function* parseEvents(text: string): AsyncGenerator<RunEvent> {
  for (const line of text.split("\n")) {
    if (line === "") continue;
    yield parseExact(line) as RunEvent;
  }
}

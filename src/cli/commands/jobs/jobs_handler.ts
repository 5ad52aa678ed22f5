// `ftl jobs`: asks hosts about jobs. A job that was started here is asked about on
// its hosts, with the options that it was started with.
import type { ModuleCall, Summary } from "../../../core/call/call.ts";
import type { RunEvent } from "../../../core/call/run_event.ts";
import { columnsText } from "../../../output/columns.ts";
import { isFailure } from "../../../output/summary.ts";
import { isObject } from "../../../protocol/body.ts";
import { toJsonText } from "../../../output/escape.ts";
import { foldNames } from "../../../inventory/fold.ts";
import { type JobRecord, openJobs } from "../../../store/jobs.ts";
import { isJobOrName } from "../../../core/jobs/job_id.ts";
import { runOnHosts } from "../../display/run_on_hosts.ts";
import type {
  ConnectOptions,
  HostOptions,
  OutputOptions,
} from "../../options/options.ts";
import {
  EXIT,
  exitCodeOf,
  UsageError,
  warningText,
} from "../../process/exit_code.ts";
import type { Context } from "../context.ts";
import { localTime } from "../../../output/local_time.ts";

/** The options of `ftl jobs status`, `wait` and `cancel`. */
export type JobsOptions = HostOptions & ConnectOptions & OutputOptions & {
  remove?: boolean;
  /** In seconds. */
  timeout?: number;
};

/** The options of `ftl jobs list`. */
export type JobsListOptions = HostOptions & ConnectOptions & OutputOptions & {
  /** Whether hosts were named, and are asked. */
  asks?: boolean;
};

const LIST_HINT =
  "Name one that `ftl jobs`, or `ftl jobs list -i INVENTORY`, lists";

/** Asks the hosts of a job about it; default: the last job that was started here. */
export async function handleJobs(
  mode: "status" | "wait" | "cancel",
  named: string | undefined,
  { options, context }: { options: JobsOptions; context: Context },
): Promise<number> {
  if (named !== undefined && !isJobOrName(named)) {
    throw new UsageError(
      `Cannot ask about the job ${named}: it is not j and digits`,
      { hint: LIST_HINT },
    );
  }
  const jobs = await openJobs();
  const record = named === undefined
    ? (await jobs.list())[0]
    : await jobs.find(named);
  const job = named ?? record?.job;
  if (job === undefined) {
    throw new UsageError("Cannot ask about a job: none was started here", {
      hint: LIST_HINT,
    });
  }
  const names = record === undefined ? {} : namesOf(record, job);
  const isOurs = record !== undefined && options.limit === undefined;
  const only = isOurs ? hostsOf(record, named) : undefined;
  const asked = await ask(mode, job, {
    options: { ...record?.options, ...options },
    context,
    only,
    names,
  });
  const hasAnswers = asked === EXIT.ok || asked === EXIT.failed;
  if (!hasAnswers || !options.remove || mode === "cancel") return asked;
  const { output: _output, report: _report, ...others } = options;
  const removed = await ask("cleanup", job, {
    options: { ...record?.options, ...others, record: false },
    context,
    only,
    names,
  });
  return asked === EXIT.ok ? removed : asked;
}

/** The hosts of a job; the one host whose name for it was given. */
function hostsOf({ hosts }: JobRecord, named: string | undefined): Set<string> {
  const all = Object.entries(hosts);
  const exact = all.filter(([, name]) => name === named);
  return new Set((exact.length > 0 ? exact : all).map(([host]) => host));
}

/** The whole names of a job by hosts, as far as they are known. */
function namesOf(
  { job, hosts }: JobRecord,
  named: string,
): Record<string, string> {
  if (named !== job) return {}; // it is a whole name
  const known = Object.entries(hosts)
    .filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(known);
}

async function ask(
  mode: "status" | "wait" | "cancel" | "cleanup",
  job: string,
  { options, context, only, names }: {
    options: JobsOptions;
    context: Context;
    only: ReadonlySet<string> | undefined;
    names: Readonly<Record<string, string>>;
  },
): Promise<number> {
  const { timeout, ...rest } = options;
  const call: ModuleCall = {
    module: "async_status",
    args: {
      mode,
      jid: job,
      known: only !== undefined,
      names,
      ...(mode === "wait" && timeout !== undefined && { seconds: timeout }),
    },
    verbosity: options.verbose ?? 0,
  };
  return await runOnHosts(call, rest, context, {
    ...(only && { only }),
    ...(mode === "cleanup"
      // The result was shown, in one document.
      ? { show: (events) => showKept(events, context) }
      : { statusOf: (summary) => statusOf(summary, job, context) }),
  });
}

/** Says where the files of a job could not be removed. */
async function showKept(
  events: AsyncIterable<RunEvent>,
  context: Context,
): Promise<Summary> {
  let summary: Summary | undefined;
  for await (const event of events) {
    if (event.event === "run_end") summary = event.summary;
    if (event.event !== "result" || !isFailure(event.status)) continue;
    const { host, error, result } = event;
    const why = error?.message ?? (isObject(result) ? result.msg : undefined);
    context.err(warningText(`${host}: Cannot remove the job's files: ${why}`));
  }
  return summary!;
}

/** The exit status; a job that no host has is a failure. */
function statusOf(summary: Summary, job: string, context: Context): number {
  if (summary.skipped < summary.hosts) return exitCodeOf(summary);
  context.err(warningText(`None of these hosts has the job ${job}`));
  return EXIT.failed;
}

/** Lists the jobs of this machine, or those of hosts. */
export async function handleJobsList(
  options: JobsListOptions,
  context: Context,
): Promise<number> {
  const { asks, ...rest } = options;
  if (asks) {
    const call = { module: "async_status", args: { mode: "list" } };
    return await runOnHosts(call, { ...rest, record: false }, context, {
      listsJobs: true,
    });
  }
  const records = await (await openJobs()).list();
  if ((options.format ?? "text") !== "text") {
    context.out(toJsonText(records, 2) + "\n");
  } else if (records.length === 0) {
    context.out("No job was started here\n");
  } else {
    const width = context.cutAt;
    context.out(columnsText([
      ["JOB", "STARTED", "LIMIT", "HOSTS", "CALL"],
      ...records.map(rowOf),
    ], width === undefined ? {} : { width }));
  }
  return EXIT.ok;
}

/** More of the names of hosts are left out. */
const MAX_HOSTS = 24;

function rowOf({ job, started, seconds, hosts, call }: JobRecord): string[] {
  const all = Object.keys(hosts);
  const names = foldNames(all);
  const shown = names.length > MAX_HOSTS
    ? names.slice(0, MAX_HOSTS) + "…"
    : names;
  const time = localTime(Date.parse(started));
  return [job, time, `${seconds} s`, `${shown} (${all.length})`, call];
}

// Keeps a record of each job that a run starts: before the first contact, so that
// a job is known even if ftl is killed, and again with its names on the hosts.
import { resolve } from "@std/path";
import type { Background, HostResult } from "../../core/call/call.ts";
import type { Context } from "../commands/context.ts";
import { warningText } from "../process/exit_code.ts";
import { messageOf } from "../../errors.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import { isJobName } from "../../core/jobs/job_id.ts";
import { isObject } from "../../protocol/body.ts";
import { type JobRecord, openJobs } from "../../store/jobs.ts";
import type { Sink } from "./recorder.ts";
import { callWords } from "./run_words.ts";

/** The options that reach hosts, and hold no secret; those in `PATHS` as paths. */
const KEPT: readonly string[] = [
  ...["inventory", "user", "port", "connection", "become", "becomeUser"],
  ...["becomeMethod", "hostKeys", "privateKey", "knownHosts", "sshConfig"],
  ...["vaultPasswordFile", "passwordFile", "becomePasswordFile"],
  ...["askPass", "askBecomePass", "askVaultPass"],
];
const PATHS: readonly string[] = [
  ...["inventory", "privateKey", "knownHosts", "sshConfig"],
  ...["vaultPasswordFile", "passwordFile", "becomePasswordFile"],
];

/**
 * Makes the recorder of one run. A record that cannot be written does not fail the
 * run.
 *
 * @param options Those of the command, which reach the hosts.
 */
export function createJobRecorder(
  background: Background,
  options: object,
  context: Context,
): Sink {
  const onError = (error: unknown) =>
    context.err(warningText(`Cannot record the job: ${messageOf(error)}`));
  let record: JobRecord | undefined;
  let written: Promise<void> = Promise.resolve();
  const names: Record<string, string | null> = {};
  const write = (value: JobRecord) => {
    written = written.then(async () => await (await openJobs()).put(value))
      .catch(onError);
  };
  return {
    event(event: RunEvent) {
      if (event.event === "run_start") {
        for (const host of event.hosts) names[host] = null;
        record = {
          job: background.id,
          started: event.started,
          call: callWords(event),
          seconds: background.limitMs / 1000,
          hosts: names,
          options: keptOptions({ ...options }),
        };
        write(record);
      } else if (event.event === "result") {
        const { host, result } = event;
        const name = isObject(result) ? result.ansible_job_id : undefined;
        if (isJobName(name)) names[host] = name;
        else if (!mayHaveStarted(event)) delete names[host];
      } else if (event.event === "run_end" && record !== undefined) {
        write(record);
      }
    },
    finish: () => written,
  };
}

/** Whether a host may run the job, although it did not say so. */
function mayHaveStarted({ status, error }: HostResult): boolean {
  return error?.phase === "call" &&
    ["cancelled", "timed_out", "unreachable"].includes(status);
}

function keptOptions(
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of KEPT) {
    const value = options[name];
    if (value === undefined) continue;
    kept[name] = PATHS.includes(name) ? absolute(value) : value;
  }
  return kept;
}

/** Paths that mean the same in any folder; lists of hosts stay as they are. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute);
  const text = String(value);
  return /,|@|^none$/.test(text) ? text : resolve(text);
}

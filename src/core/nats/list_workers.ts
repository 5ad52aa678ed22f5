// Asks which workers are there.
import type { NatsLink } from "./nats_link.ts";
import { SUBJECTS } from "./nats_subjects.ts";
import { parseReport } from "./received_event.ts";
import { MAX_RUN_WORKERS } from "./run_progress.ts";
import { isWorkerName, type WorkerStatus } from "./sent_call.ts";

/** How long workers may take to answer. */
const ANSWER_MS = 2_000;
/** The wait after the last answer. */
const QUIET_MS = 300;

/** The workers that answer, by site and name. */
export async function listWorkers(link: NatsLink): Promise<WorkerStatus[]> {
  const answers = await link.connection.requestMany(SUBJECTS.workers, "", {
    strategy: "stall",
    maxWait: ANSWER_MS,
    stall: QUIET_MS,
  });
  const workers: WorkerStatus[] = [];
  try {
    for await (const { data } of answers) {
      const status = readStatus(data);
      if (status !== undefined) workers.push(status);
      if (workers.length >= MAX_RUN_WORKERS) break;
    }
  } catch (error) {
    if ((error as Error).name !== "NoResponders") throw error;
  }
  const key = ({ site, worker, id }: WorkerStatus) =>
    `${site ?? ""} ${worker} ${id}`;
  return workers.sort((a, b) => key(a) < key(b) ? -1 : 1);
}

/** Reads what a worker says of itself; undefined when it is malformed. */
function readStatus(data: Uint8Array): WorkerStatus | undefined {
  try {
    const { worker, id, site, ftl, build, key, hosts, upMs } = parseReport(
      data,
    );
    const texts = [id, ftl, build, key, site ?? ""];
    const isWhole = typeof worker === "string" && isWorkerName(worker) &&
      texts.every((each) => typeof each === "string" && each.length <= 200) &&
      typeof hosts === "number" && typeof upMs === "number";
    const status: unknown = {
      ...{ worker, id, site: site ?? null, ftl, build, key, hosts, upMs },
    };
    return isWhole ? status as WorkerStatus : undefined;
  } catch {
    return undefined; // it is not one of ftl's
  }
}

// What a call in the background adds to the message that starts it.
import type { Host } from "../../inventory/inventory.ts";
import type { JobData } from "../../protocol/message.ts";
import type { Background } from "../call/call.ts";
import type { PreparedPack } from "../fleet/provision.ts";
import { jobFolder, preparedJobPack } from "./job_module.ts";

/** How long a host may take to start a job. */
const START_MS = 60_000;

/** The parts of a call that starts a job. */
export interface JobStart {
  readonly data: JobData;
  readonly pack: PreparedPack;
  /** The deadline of the start. */
  readonly timeoutMs: number;
}

/**
 * Prepares the start of a job on a host.
 *
 * @param options `hidden`: texts that its result must not hold.
 * @throws {InventoryError} when the folder of jobs cannot be used.
 */
export async function jobStart(
  host: Host,
  { background, module, noLog, hidden }: {
    background: Background;
    module: string;
    noLog: boolean;
    hidden: string[];
  },
): Promise<JobStart> {
  const pack = await preparedJobPack();
  return {
    pack,
    timeoutMs: START_MS,
    data: {
      pack: pack.id,
      id: background.id,
      module: module.split("/").at(-1)!,
      seconds: background.limitMs / 1000,
      folder: await jobFolder(host),
      hidden,
      no_log: noLog,
    },
  };
}

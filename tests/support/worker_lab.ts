// Workers for tests: processes of this checkout.
import { sourceProgram } from "../../src/core/workers/source_program.ts";
import type { WorkerProgram } from "../../src/core/workers/spawned_worker.ts";
import { WorkerPool } from "../../src/core/workers/worker_pool.ts";
import { WORKER_PROCESS } from "../../src/core/workers/worker_word.ts";

/** How the workers of this checkout are started. */
export async function workerProgram(): Promise<WorkerProgram> {
  const program = (await sourceProgram())!;
  return { ...program, args: [...program.args, WORKER_PROCESS] };
}

/** Workers that start when they are needed. */
export async function makeWorkers(
  count: number,
  { onLost = () => {}, program, mustShare }: {
    onLost?: (message: string) => void;
    program?: WorkerProgram;
    mustShare?: boolean;
  } = {},
): Promise<WorkerPool> {
  return new WorkerPool({
    ...{ count, mustShare },
    program: program ?? await workerProgram(),
    client: {
      agentSocket: "",
      asks: { passphrase: true, answer: false, alone: false },
    },
    onLost,
  });
}

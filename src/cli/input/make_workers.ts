// The workers of a command (docs/engines.md).
import { WorkerPool } from "../../core/workers/worker_pool.ts";
import type { Context } from "../commands/context.ts";
import { childEnvironment } from "../../core/workers/child_environment.ts";
import { warningText } from "../process/exit_code.ts";
import { ownProgram } from "../process/own_program.ts";
import type { WorkerChoice } from "../../core/workers/worker_count.ts";
import { WORKER_PROCESS } from "../../core/workers/worker_word.ts";
import { withYoungGeneration } from "../../core/workers/young_generation.ts";
import { clientHello } from "./find_sessions.ts";

/** Workers that start when they are needed; one that cannot be started is reported. */
export async function makeWorkers(
  count: number,
  options: { askPass?: boolean; workers?: WorkerChoice },
  context: Context,
): Promise<WorkerPool> {
  const { ftl, build, ...client } = await clientHello(options, context);
  const { path, args, env } = ownProgram();
  return new WorkerPool({
    ...{ count, client },
    mustShare: (options.workers ?? "auto") === "auto",
    program: {
      ...{ path, ftl, build },
      args: [...withYoungGeneration(args), WORKER_PROCESS],
      env: { ...childEnvironment(), ...env },
    },
    onLost: (message) => context.err(warningText(message)),
  });
}

// Workers for tests: processes of this checkout.
import { fromFileUrl } from "@std/path";
import { childEnvironment } from "../../src/cli/process/child_environment.ts";
import { VERSION } from "../../src/cli/process/version.ts";
import { WORKER_PROCESS } from "../../src/cli/process/worker_word.ts";
import type { WorkerProgram } from "../../src/core/workers/spawned_worker.ts";
import { WorkerPool } from "../../src/core/workers/worker_pool.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** How the workers of this checkout are started. */
export async function workerProgram(): Promise<WorkerProgram> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    await Deno.readFile(MAIN),
  );
  return {
    path: Deno.execPath(),
    args: ["run", "--quiet", "--allow-all", MAIN, WORKER_PROCESS],
    env: childEnvironment(),
    ftl: VERSION,
    build: `${Deno.version.deno}-${new Uint8Array(digest).toHex()}`,
  };
}

/** Starts workers. */
export async function startWorkers(
  count: number,
  { onLost = () => {}, program }: {
    onLost?: (message: string) => void;
    program?: WorkerProgram;
  } = {},
): Promise<WorkerPool> {
  return new WorkerPool({
    count,
    program: program ?? await workerProgram(),
    client: {
      agentSocket: "",
      asks: { passphrase: true, answer: false, alone: false },
    },
    onLost,
  });
}

// How workers are started from the sources of ftl, for programs that use it as a
// library. Loaded on demand.
import { fromFileUrl } from "@std/path";
import config from "../../../deno.json" with { type: "json" };
import { buildIdOf } from "./build_id.ts";
import { childEnvironment } from "./child_environment.ts";
import type { WorkerProgram } from "./spawned_worker.ts";
import { WORKER_PROCESS } from "./worker_word.ts";
import { withYoungGeneration } from "./young_generation.ts";

/** The command line of a worker; undefined where ftl was not started from files. */
export async function sourceProgram(): Promise<WorkerProgram | undefined> {
  const main = new URL("../../../main.ts", import.meta.url);
  if (Deno.build.standalone || main.protocol !== "file:") return undefined;
  const path = fromFileUrl(main);
  return {
    path: Deno.execPath(),
    args: withYoungGeneration([
      ...["run", "--quiet", "--allow-all", path],
      WORKER_PROCESS,
    ]),
    env: childEnvironment(),
    ftl: config.version,
    build: await buildIdOf(path),
  };
}

// How workers and sessions are started from the sources of ftl, for programs that
// use it as a library. Loaded on demand.
import { fromFileUrl } from "@std/path";
import config from "../../../deno.json" with { type: "json" };
import { buildIdOf } from "./build_id.ts";
import { childEnvironment } from "./child_environment.ts";
import type { WorkerProgram } from "./spawned_worker.ts";

/** What the binary has too (docs/performance.md). */
const OPTIONS = [
  "run",
  "--quiet",
  "--allow-all",
  "--v8-flags=--max-semi-space-size=8,--heap-growing-percent=100",
];

/**
 * The command line to which arguments of ftl are added; undefined where ftl was not
 * started from files.
 */
export async function sourceProgram(): Promise<WorkerProgram | undefined> {
  const main = new URL("../../../main.ts", import.meta.url);
  if (Deno.build.standalone || main.protocol !== "file:") return undefined;
  const path = fromFileUrl(main);
  return {
    path: Deno.execPath(),
    args: [...OPTIONS, path],
    env: childEnvironment(),
    ftl: config.version,
    build: await buildIdOf(path),
  };
}

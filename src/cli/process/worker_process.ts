// The process of a worker. It speaks to the run that started it, and to nobody else.
import { runWorker } from "../../core/workers/worker_server.ts";
import { idleMemory } from "../../core/fleet/idle_memory.ts";
import { stdioCarrier } from "../../core/session/byte_carrier.ts";
import { closeInheritedFiles } from "./inherited_files.ts";
import { buildId } from "./own_program.ts";
import { VERSION } from "./version.ts";

/** Runs a worker; resolves to the exit status. */
export async function runWorkerProcess(): Promise<number> {
  closeInheritedFiles();
  const end = new AbortController();
  Deno.addSignalListener("SIGTERM", () => end.abort());
  // These concern the run, which tells its workers.
  Deno.addSignalListener("SIGHUP", () => {});
  Deno.addSignalListener("SIGINT", () => {});
  idleMemory.enable();
  const isInOrder = await runWorker({
    carrier: await stdioCarrier(),
    ftl: VERSION,
    build: await buildId(),
    signal: end.signal,
  });
  return isInOrder ? 0 : 1;
}

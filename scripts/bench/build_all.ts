// Builds the gate of all modules of a folder in the store of FTL_HOME, and prints
// the milliseconds that it took, without starting and loading.
//
//   build_all.ts MODULES
import { buildGate, openStore } from "../../src/mod.ts";

async function main(modules: string): Promise<void> {
  const store = await openStore();
  const began = performance.now();
  await buildGate({ modules: "all", dirs: [modules] }, { store });
  const ms = performance.now() - began;
  Deno.stdout.writeSync(new TextEncoder().encode(`${ms}\n`));
}

if (import.meta.main) main(Deno.args[0]!);

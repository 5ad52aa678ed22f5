// Measures building the gate with all modules of ansible-core, and finding that it
// is up to date, each in a new process.
import { needAnsible } from "../../tests/support/ansible.ts";
import { type Bench, limitRow, script, withFolder } from "./bench.ts";
import { median } from "./measure.ts";

const ROUNDS = 5;

/** Builds a gate with all modules of ansible-core, and finds it in the store. */
export const build: Bench = async () => {
  const { ignore, modules } = needAnsible();
  if (ignore) return [];
  const built: number[] = [];
  const unchanged: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await withFolder(async (home) => {
      built.push(await buildMs(modules, home));
      unchanged.push(await buildMs(modules, home));
    });
  }
  return [
    limitRow("gate of all ansible-core modules, built", {
      value: median(built),
      limit: 2000,
      unit: "ms",
    }),
    limitRow("gate of all ansible-core modules, unchanged", {
      value: median(unchanged),
      limit: 20,
      unit: "ms",
    }),
  ];
};

async function buildMs(modules: string, home: string): Promise<number> {
  const [program, ...args] = script("build_all.ts", modules);
  const { success, stdout, stderr } = await new Deno.Command(program!, {
    args,
    env: { FTL_HOME: home },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  return Number(text.decode(stdout));
}

// How long it takes to build the gate that holds all of ansible-core's modules,
// and to find out that it need not be built again, each in a fresh process.
import { needAnsible } from "../../tests/support/ansible.ts";
import { type Bench, limitRow, script, withFolder } from "./bench.ts";
import { median } from "./measure.ts";

const ROUNDS = 5;

/** A gate with all of ansible-core's modules: built, and found to be built. */
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

// Measures the controller's memory per open gate: the growth from 50 open gates to
// 250, each after a garbage collection. The first 50 also include what connecting
// needs once. V8 has the options of the binary; a second row has V8's defaults, with
// a young generation of any size.
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { V8_FLAGS } from "../compile/bundle.ts";
import {
  type Bench,
  besideThis,
  fromSource,
  limitRow,
  MODULES,
  withFolder,
} from "./bench.ts";

const SOME = 50;
const HOSTS = 250;

/** Memory per gate, measured in a separate program (gates.ts). */
export const memory: Bench = () =>
  withFolder(async (folder) => {
    const fleet = await startOpensshFleet({ hosts: HOSTS, maxStartups: "200" });
    try {
      const measured = (v8Flags: readonly string[]) =>
        growthKib(fleet, { v8Flags, home: folder });
      return [
        limitRow("controller memory per open gate", {
          value: await measured(V8_FLAGS),
          limit: 100,
          unit: "KiB",
          against: "resident, 250 gates less 50",
        }),
        {
          what: "the same with V8's defaults",
          figure: `${(await measured([])).toFixed(0)} KiB`,
          against: "with a young generation of any size",
          budget: "",
          met: null,
        },
      ];
    } finally {
      await fleet.stop();
    }
  });

/** The resident memory that a gate adds, with V8 options. */
async function growthKib(
  fleet: OpensshFleet,
  { v8Flags, home }: { v8Flags: readonly string[]; home: string },
): Promise<number> {
  const [deno, ...args] = fromSource(
    besideThis("gates.ts"),
    [fleet.inventory, fleet.knownHosts, MODULES],
    ["--expose-gc", ...v8Flags],
  );
  const { success, stdout, stderr } = await new Deno.Command(deno!, {
    args,
    env: { FTL_HOME: home },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  const { some, all } = JSON.parse(text.decode(stdout));
  return (all - some) / (HOSTS - SOME) / 1024;
}

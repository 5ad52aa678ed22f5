// How much memory of the controller an open gate takes: the growth from 50 open
// gates to 250, each measured after a collection. The first ones also pay for
// what connecting needs once. V8 is set as in the binary that is shipped; the row
// below says what it comes to where V8 makes its young generation as large as it
// likes.
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

/** Memory per gate, by a program of its own (gates.ts). */
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
          what: "the same, V8 as it comes",
          figure: `${(await measured([])).toFixed(0)} KiB`,
          against: "with as much room for garbage as it likes",
          budget: "",
          met: null,
        },
      ];
    } finally {
      await fleet.stop();
    }
  });

/** How much a gate adds to what is resident, with some flags of V8's. */
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

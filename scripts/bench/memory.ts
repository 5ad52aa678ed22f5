// How much memory of the controller an open gate takes: the growth from 50 open
// gates to 250, each measured after a collection. The first ones also pay for
// what connecting needs once. V8 makes its young generation larger the more is
// allocated at a time, up to a bound, which has nothing to do with how much the
// gates hold; so that is kept small, and what it comes to is a row of its own.
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { type Bench, limitRow, MODULES, script, withFolder } from "./bench.ts";

const SOME = 50;
const HOSTS = 250;

/** Memory per gate, by a program of its own (gates.ts). */
export const memory: Bench = () =>
  withFolder(async (folder) => {
    const fleet = await startOpensshFleet({ hosts: HOSTS, maxStartups: "200" });
    try {
      const measured = (flags: string) =>
        growthKib(fleet, { flags, home: folder });
      return [
        limitRow("controller memory per open gate", {
          value: await measured("--expose-gc,--max-semi-space-size=1"),
          limit: 100,
          unit: "KiB",
          against: "resident, 250 gates less 50",
        }),
        {
          what: "the same, with V8's room for garbage",
          figure: `${(await measured("--expose-gc")).toFixed(0)} KiB`,
          against: "as V8 makes it: bounded, however many gates",
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
  { flags, home }: { flags: string; home: string },
): Promise<number> {
  const [deno, run, ...args] = script(
    "gates.ts",
    ...[fleet.inventory, fleet.knownHosts, MODULES],
  );
  const { success, stdout, stderr } = await new Deno.Command(deno!, {
    args: [run!, `--v8-flags=${flags}`, ...args],
    env: { FTL_HOME: home },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  const { some, all } = JSON.parse(text.decode(stdout));
  return (all - some) / (HOSTS - SOME) / 1024;
}

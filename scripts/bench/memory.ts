// How much memory of the controller an open gate takes: the growth from 50 open
// gates to 250, each measured after a collection. The first ones also pay for
// what connecting needs once.
import { startOpensshFleet } from "../../tests/support/openssh_fleet.ts";
import { type Bench, limitRow, MODULES, script, withFolder } from "./bench.ts";

const SOME = 50;
const HOSTS = 250;

/** Memory per gate, by a program of its own (gates.ts). */
export const memory: Bench = () =>
  withFolder(async (folder) => {
    const fleet = await startOpensshFleet({ hosts: HOSTS, maxStartups: "200" });
    try {
      const [deno, run, ...args] = script(
        "gates.ts",
        ...[fleet.inventory, fleet.knownHosts, MODULES],
      );
      const { success, stdout, stderr } = await new Deno.Command(deno!, {
        args: [run!, "--v8-flags=--expose-gc", ...args],
        env: { FTL_HOME: folder },
      }).output();
      const text = new TextDecoder();
      if (!success) throw new Error(text.decode(stderr));
      const { some, all } = JSON.parse(text.decode(stdout));
      return [
        limitRow("controller memory per open gate", {
          value: (all - some) / (HOSTS - SOME) / 1024,
          limit: 100,
          unit: "KiB",
          against: "resident, 250 gates less 50",
        }),
      ];
    } finally {
      await fleet.stop();
    }
  });

// How much memory of the controller an open gate takes: the growth from one
// open gate to fifty-one, each measured after a collection.
import { startOpensshFleet } from "../../tests/support/openssh_fleet.ts";
import { type Bench, limitRow, MODULES, script, withFolder } from "./bench.ts";

const HOSTS = 51;

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
      const { one, all } = JSON.parse(text.decode(stdout));
      return [
        limitRow("controller memory per open gate", {
          value: (all - one) / (HOSTS - 1) / 1024,
          limit: 100,
          unit: "KiB",
          against: "resident, 51 gates less 1",
        }),
      ];
    } finally {
      await fleet.stop();
    }
  });

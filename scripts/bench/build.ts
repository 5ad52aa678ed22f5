// How long it takes to build the gate that holds all of ansible-core's modules,
// and to find out that it need not be built again.
import { join } from "@std/path";
import { needAnsible } from "../../tests/support/ansible.ts";
import { type Bench, ftl, limitRow, withFolder } from "./bench.ts";
import { compare } from "./measure.ts";

/** A gate with all of ansible-core's modules: built, and found to be built. */
export const build: Bench = () =>
  withFolder(async (folder) => {
    const { ignore, modules } = needAnsible();
    if (ignore) return [];
    const home = join(folder, "ftl");
    const env = { FTL_HOME: home };
    const gate = { argv: ftl("gate", "build", "--all", "-M", modules), env };
    const cost = await compare({
      // Loads what building loads, and builds next to nothing.
      start: { argv: ftl("gate", "list"), env },
      built: {
        ...gate,
        before: () =>
          Deno.remove(home, { recursive: true }).catch(() => undefined),
      },
      unchanged: gate,
    }, 5);
    const against = `and ${cost.start.wallMs.toFixed(0)} ms of start`;
    return [
      limitRow("gate of all ansible-core modules, built", {
        value: cost.built.wallMs,
        limit: 2000,
        unit: "ms",
        against: "start included",
      }),
      limitRow("gate of all ansible-core modules, unchanged", {
        value: cost.unchanged.wallMs - cost.start.wallMs,
        limit: 20,
        unit: "ms",
        against,
      }),
    ];
  });

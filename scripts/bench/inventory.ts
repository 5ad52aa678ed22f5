// Reads, matches and lists twenty thousand hosts in nested groups with variables,
// with the command line from start to end.
import { join } from "@std/path";
import { type Bench, ftl, limitRow, type Row, withFolder } from "./bench.ts";
import { LARGE, largeIni, largeYaml } from "./large_inventory.ts";
import { compare } from "./measure.ts";

const LIMIT_MS = 2000;
const ROUNDS = 3;

/** `ftl inventory list` of all hosts, and of those of a pattern. */
export const inventory: Bench = () =>
  withFolder(async (folder) => {
    const yaml = join(folder, "hosts.yml");
    const ini = join(folder, "hosts.ini");
    await Deno.writeTextFile(yaml, largeYaml());
    await Deno.writeTextFile(ini, largeIni());
    const list = (file: string, pattern: string) => ({
      argv: ftl("inventory", "list", "-i", file, "-l", pattern),
    });
    const cost = await compare({
      "YAML, all": list(yaml, "all"),
      "YAML, web:&region3:!r3c1": list(yaml, "web:&region3:!r3c1"),
      "INI, web:&region3:!r3c1": list(ini, "web:&region3:!r3c1"),
    }, ROUNDS);
    return Object.entries(cost).map(([what, { wallMs, cpuMs }]): Row =>
      limitRow(`list ${LARGE} hosts: ${what}`, {
        value: wallMs,
        limit: LIMIT_MS,
        unit: "ms",
        against: `${cpuMs.toFixed(0)} ms of CPU`,
      })
    );
  });

// Twenty thousand hosts: what a command may spend on reading and matching them.
import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import {
  LARGE,
  largeIni,
  largeYaml,
} from "../../scripts/bench/large_inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { selectHosts } from "../../src/inventory/pattern/pattern.ts";
import { memorySources } from "./memory_sources.ts";

const LIMIT_MS = 2000;

Deno.test("20 000 hosts in nested groups are read and matched within two seconds of CPU", async () => {
  const sources = memorySources({ "h.yml": largeYaml(), "h.ini": largeIni() });
  const chosen: string[][] = [];
  for (const file of ["h.yml", "h.ini"]) {
    const before = process.cpuUsage();
    const inventory = await loadInventory([file], sources);
    const all = selectHosts(inventory, "all");
    const some = selectHosts(inventory, "web:&region3:!r3c1");
    const { user, system } = process.cpuUsage(before);
    assertEquals([all.length, some.length], [LARGE, 450]);
    assertEquals(
      [some[0]!.vars.rack, some[0]!.vars.port].map(Number),
      [0, 8000],
    );
    chosen.push(some.map(({ name }) => name));
    const ms = (user + system) / 1000;
    assert(ms < LIMIT_MS, `${file} took ${ms} ms of CPU`);
  }
  assertEquals(chosen[0]!.toSorted(), chosen[1]!.toSorted());
});

// Ten thousand calls on one gate leak nothing: no memory, descriptors,
// processes or files, on either side. With FTL_TEST_CASES=all (the task
// test:ansible) only; it takes some minutes.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  type HostFleet,
  openHostFleet,
} from "../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../src/core/run/run.ts";
import type { JsonObject } from "../../src/protocol/message.ts";
import { needAnsible } from "../support/ansible.ts";

const need = needAnsible();
const CALLS = 10_000;
/** Calls between two looks at what is resident. */
const STEP = 500;
const AT_ONCE = 8;
/** What resident memory may grow by over the last half of the calls, in KiB. */
const GATE_GROWTH = 512;
const OWN_GROWTH = 16 * 1024;

Deno.test({
  name: `ten thousand calls on one gate leak nothing${need.suffix}`,
  ignore: need.ignore || Deno.env.get("FTL_TEST_CASES") !== "all",
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "ftl-endurance-" });
    const fleet = await openHere(folder);
    try {
      await makeCalls(fleet, 200, folder);
      const gate = await fleet.gates.get("here")!.opened;
      const pids = { gate: gate.hello.pid, own: Deno.pid };
      const before = await leftovers(pids, folder);
      const gateKb: number[] = [];
      const ownKb: number[] = [];
      for (let made = 0; made < CALLS; made += STEP) {
        await makeCalls(fleet, STEP, folder);
        gateKb.push(await residentKb(pids.gate));
        ownKb.push(await residentKb(pids.own));
      }
      assertEquals(await leftovers(pids, folder), before);
      const half = gateKb.length / 2;
      const grown = growth(gateKb.slice(half));
      const own = growth(ownKb.slice(half));
      // deno-lint-ignore no-console -- the figures are what it is run for
      console.log(
        `KiB per 1 000 calls, last half: gate ${perThousand(grown)}, ` +
          `controller ${perThousand(own)}`,
      );
      assert(grown < GATE_GROWTH, `the gate grew by ${grown} KiB: ${gateKb}`);
      assert(own < OWN_GROWTH, `ftl grew by ${own} KiB: ${ownKb}`);
    } finally {
      await fleet.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** This machine, with a HOME and a folder for temporary files of its own. */
async function openHere(folder: string): Promise<HostFleet> {
  const python = join(folder, "python");
  await Deno.mkdir(join(folder, "tmp"));
  await Deno.writeTextFile(
    python,
    `#!/bin/sh\nexport HOME=${folder} TMPDIR=${folder}/tmp\n` +
      `exec ${need.python} "$@"\n`,
    { mode: 0o755 },
  );
  const vars = {
    ansible_connection: "local",
    ansible_python_interpreter: python,
  };
  return await openHostFleet({
    hosts: [{ name: "here", groups: [], vars }],
    sources: { dirs: [need.modules] },
  });
}

/** Several kinds of calls, side by side, some of which fail. */
async function makeCalls(
  fleet: HostFleet,
  count: number,
  folder: string,
): Promise<void> {
  const path = join(folder, "file");
  const kinds: [module: string, args: JsonObject, status: string][] = [
    ["ping", {}, "ok"],
    ["stat", { path: folder }, "ok"],
    ["command", { argv: ["true"] }, "changed"],
    ["file", { path: join(folder, "none"), mode: "0600" }, "failed"],
    ["tempfile", { path, state: "none" }, "failed"],
  ];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const [module, args, status] = kinds[next++ % kinds.length]!;
      const { results } = await collect(run(fleet, { module, args }));
      assertEquals(results.get("here")!.status, status);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What must be the same before and after. */
async function leftovers(
  pids: { gate: number; own: number },
  folder: string,
) {
  const names = async (path: string) =>
    (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
  return {
    gateFiles: (await names(`/proc/${pids.gate}/fd`)).length,
    ownFiles: (await names(`/proc/${pids.own}/fd`)).length,
    children: await Deno.readTextFile(
      `/proc/${pids.gate}/task/${pids.gate}/children`,
    ),
    temporary: await names(join(folder, "tmp")),
    calls: await names(join(folder, ".ftl/host/calls")),
  };
}

async function residentKb(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]);
}

/** How much a line through the values rises from the first to the last. */
function growth(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let over = 0;
  let under = 0;
  for (const [i, value] of values.entries()) {
    over += (i - middle) * (value - mean);
    under += (i - middle) ** 2;
  }
  return Math.round(over / under * (values.length - 1));
}

/** A growth over the last half of the calls as one over a thousand. */
function perThousand(grown: number): string {
  return (grown * 1000 / (CALLS / 2 - STEP)).toFixed(1);
}

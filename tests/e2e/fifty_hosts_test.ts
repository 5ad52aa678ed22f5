// `ftl run` on fifty hosts: one OpenSSH server on loopback answers for all of them.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { type Account, createAccount, MODULES } from "../support/ftl.ts";
import {
  type OpensshFleet,
  type OpensshFleetOptions,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

interface Lab extends Account {
  readonly fleet: OpensshFleet;
}

function fleetTest(
  name: string,
  options: OpensshFleetOptions,
  body: (lab: Lab) => Promise<void>,
): void {
  Deno.test({
    name: name + sshdNeed.suffix,
    ignore: sshdNeed.ignore,
    fn: async () => {
      await using account = await createAccount();
      const fleet = await startOpensshFleet(options);
      try {
        await body({ ...account, fleet });
      } finally {
        await fleet.stop();
      }
    },
  });
}

const TIMETEST = ["run", "timetest", "-M", MODULES, "--format", "json", "-v"];

fleetTest(
  "ftl run gives 50 results, and the second run sends nothing",
  {},
  async (lab) => {
    const args = [...TIMETEST, ...lab.fleet.flags];
    const first = await lab.ftl(args);
    assertEquals(first.code, 0, first.stdout + first.stderr);
    const { results, summary } = JSON.parse(first.stdout);
    assertEquals(
      Object.keys(results),
      lab.fleet.hosts.map((host) => host.name),
    );
    assertEquals([summary.hosts, summary.ok], [50, 50]);
    assertMatch(
      first.stderr,
      /gate [0-9a-f]{12} built, sent to 50 hosts; 50 packs/,
    );

    const second = await lab.ftl(args);
    assertEquals(JSON.parse(second.stdout).summary.ok, 50);
    assertMatch(
      second.stderr,
      /gate [0-9a-f]{12} reused, sent to 0 hosts; 0 packs/,
    );
  },
);

fleetTest("a module is sent once to a host that has many others", {
  hosts: 1,
}, async (lab) => {
  const modules = join(lab.home, "modules");
  await Deno.mkdir(modules);
  const names = Array.from({ length: 40 }, (_, at) => `m${at}`);
  for (const name of names) {
    const source = `def main():\n    return {"name": "${name}"}\n`;
    await Deno.writeTextFile(join(modules, `${name}.py`), source);
  }
  const flags = ["-M", modules, ...lab.fleet.flags];
  const script = join(lab.home, "lines");
  await Deno.writeTextFile(script, names.slice(1).join("\n"));
  const many = await lab.ftl(["console", "--script", script, ...flags]);
  assertEquals(many.code, 0, many.stderr);
  for (const packs of [1, 0, 0]) {
    const { stderr } = await lab.ftl(["run", "m0", "-v", ...flags]);
    assertMatch(stderr, new RegExp(`sent to 0 hosts; ${packs} packs?`));
  }
});

fleetTest("ftl run sends only the module that one byte was changed of", {
  hosts: 3,
}, async (lab) => {
  const modules = join(lab.home, "modules");
  await Deno.mkdir(modules);
  const path = join(modules, "timetest.py");
  const text = await Deno.readTextFile(join(MODULES, "timetest.py"));
  await Deno.writeTextFile(path, text);
  const args = ["run", "timetest", "-M", modules, "-v", ...lab.fleet.flags];
  await lab.ftl(args);
  await Deno.writeTextFile(path, text.replace('time"', 'tome"'));
  const { stdout, stderr } = await lab.ftl(args);
  assertMatch(stdout, /tome: /);
  assertMatch(stderr, /gate [0-9a-f]{12} reused, sent to 0 hosts; 3 packs/);
});

fleetTest(
  "two runs at once do not affect each other",
  { hosts: 10 },
  async (lab) => {
    const args = [...TIMETEST, ...lab.fleet.flags];
    const outcomes = await Promise.all([
      lab.ftl(args),
      lab.ftl(args),
      lab.ftl(args),
    ]);
    for (const { code, stdout, stderr } of outcomes) {
      assertEquals(code, 0, stderr);
      assertEquals(JSON.parse(stdout).summary.ok, 10);
    }
  },
);

fleetTest("hosts that share one HOME do not disturb each other", {
  hosts: 20,
  sharedHome: true,
}, async (lab) => {
  const args = [...TIMETEST, ...lab.fleet.flags];
  const { code, stdout, stderr } = await lab.ftl(args);
  assertEquals(code, 0, stderr);
  assertEquals(JSON.parse(stdout).summary.ok, 20);
  const again = await lab.ftl(args);
  assertMatch(again.stderr, /reused, sent to 0 hosts; 0 packs/);
});

fleetTest("ftl -m, as the Python original spells it, gives the same", {
  hosts: 2,
}, async (lab) => {
  const { code, stdout } = await lab.ftl([
    "-m",
    "timetest",
    "-M",
    MODULES,
    ...lab.fleet.flags,
  ]);
  assertEquals(code, 0);
  assert(stdout.includes("2 hosts: 2 ok"), stdout);
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { ACTIONS } from "../../../src/core/actions/registry.ts";
import { openInventorySources } from "../../../src/core/input/inventory_sources.ts";
import { loadInventory } from "../../../src/inventory/load.ts";
import { SessionInventory } from "../../../src/core/fleet/session_inventory.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import { BuildError } from "../../../src/errors.ts";
import { buildGate } from "../../../src/gate/archive/build_gate.ts";
import { ACTION_PARTS } from "../../../src/gate/modules/action_parts.ts";
import type { JsonObject } from "../../../src/protocol/message.ts";
import { needAnsible } from "../../support/ansible.ts";
import { cores } from "../../support/cores.ts";
import { Site } from "../local_fleet.ts";

/** What one action is called with, and what its result must hold. */
type Try = (folder: string) => [args: JsonObject, expected: RegExp];

const TRIES: Readonly<Record<string, Try>> = {
  add_host: () => [{ name: "new", groups: "a,b" }, /"groups":\["a","b"\]/],
  assemble: (folder) => [
    {
      src: join(folder, "parts"),
      dest: join(folder, "assembled"),
      remote_src: false,
    },
    /"changed":true/,
  ],
  assert: () => [{ that: "1 == 1" }, /All assertions passed/],
  async_status: () => [{ mode: "list" }, /"jobs":\[\]/],
  command: () => [{ _raw_params: "echo a" }, /"stdout":"a"/],
  copy: (folder) => [
    { content: "x", dest: join(folder, "copied") },
    /"changed":true/,
  ],
  debug: () => [{ msg: "hi" }, /"msg":"hi"/],
  dnf: () => [{ name: "bash" }, /dnf/],
  fail: () => [{ msg: "on purpose" }, /"msg":"on purpose"/],
  fetch: (folder) => [
    { src: "/etc/passwd", dest: `${folder}/`, flat: true },
    /"changed":true/,
  ],
  gather_facts: () => [
    { gather_subset: "!all,!min,pkg_mgr" },
    /"ansible_pkg_mgr":/,
  ],
  group_by: () => [{ key: "some group" }, /"add_group":"some-group"/],
  include_vars: (folder) => [
    { file: join(folder, "vars.yml") },
    /"ansible_facts":\{"color":"red"\}/,
  ],
  package: () => [
    { name: "no-such-package", state: "absent" },
    /"changed":false/,
  ],
  raw: () => [{ _raw_params: "echo a" }, /"stdout":"a\\n"/],
  pause: () => [{ seconds: 1 }, /"Paused for 1/],
  reboot: () => [{}, /would reboot the control node/],
  script: (folder) => [
    { _raw_params: join(folder, "parts/one.sh") },
    /"stdout":"one\\n"/,
  ],
  service: () => [
    { name: "no-such-service", state: "started" },
    /Could not find the requested service/,
  ],
  set_fact: () => [{ a: "yes" }, /"ansible_facts":\{"a":true\}/],
  shell: () => [{ _raw_params: "echo $((1+1))" }, /"stdout":"2"/],
  template: (folder) => [
    { src: join(folder, "parts/hello.j2"), dest: join(folder, "rendered") },
    /"changed":true/,
  ],
  unarchive: (folder) => [
    { src: join(folder, "one.tar"), dest: folder },
    /"handler":"TarArchive"/,
  ],
  uri: () => [{ url: "http://127.0.0.1:1/" }, /refused/i],
  wait_for_connection: () => [{ timeout: 9 }, /"elapsed"/],
  yum: () => [{ name: "bash" }, /Could not detect which major revision/],
};

const { modules, ignore, suffix } = needAnsible();

Deno.test("every action of ftl has its parts", () => {
  const planned = [...ACTIONS].filter(([, { plan }]) => plan)
    .map(([name]) => name.split(".").at(-1)!);
  assertEquals([...ACTION_PARTS.keys()].sort(), planned.sort());
  assertEquals(Object.keys(TRIES).sort(), planned.sort());
});

for (const [name, test] of Object.entries(TRIES)) {
  Deno.test({
    name: `a gate of ${name} needs no folder of modules${suffix}`,
    ignore,
    fn: async () => {
      await using site = await Site.make();
      await prepare(site.folder);
      const [args, expected] = test(site.folder);
      const gate = await buildGate({ dirs: [modules], modules: [name] }, {});
      assertMatchJson(await callWith(site, { gate, name, args }), expected);
    },
  });
}

for (const { series, modules } of cores()) {
  Deno.test(`package, service and copy work from a gate of ansible-core ${series}`, async () => {
    await using site = await Site.make();
    const names = ["copy", "package", "service"];
    const gate = await buildGate({ dirs: [modules], modules: names }, {});
    for (const name of names) {
      const [args, expected] = TRIES[name]!(site.folder);
      assertMatchJson(await callWith(site, { gate, name, args }), expected);
    }
  });
}

Deno.test({
  name: `a module has one gate entry under all its names${suffix}`,
  ignore,
  fn: async () => {
    await using site = await Site.make();
    const all = ["ping", "ansible.builtin.ping", "ansible.legacy.ping"];
    for (const built of all) {
      const gate = await buildGate({ dirs: [modules], modules: [built] }, {});
      for (const name of [...all, "ping.py"]) {
        const result = await callWith(site, { gate, name, args: {} });
        assertMatchJson(result, /"ping":"pong"/);
      }
    }
    await site.write("modules/ping.py", "def main(**_):\n    return 'own'\n");
    const dirs = [site.modules];
    const own = await buildGate({ dirs, modules: ["ping"] }, {});
    assertMatchJson(
      await callWith(site, { gate: own, name: "ansible.legacy.ping" }),
      /own/,
    );
    await assertRejects(
      () => callWith(site, { gate: own, name: "ansible.builtin.ping" }),
      BuildError,
      "Cannot find module ansible.builtin.ping: the gate has ping",
    );
  },
});

Deno.test("a module that a gate lacks is answered with what it has", async () => {
  await using site = await Site.make();
  const gate = await buildGate({ dirs: [site.modules], modules: "all" }, {});
  const error = await assertRejects(
    () => callWith(site, { gate, name: "ech" }),
    BuildError,
    "Cannot find module ech: the gate has changes, echo, gate, kill_gate, sleep, talk",
  );
  assertEquals(error.hint, "Did you mean echo?");
});

Deno.test({
  name: `yum and dnf never run apt, even when use names it${suffix}`,
  ignore,
  fn: async () => {
    await using site = await Site.make();
    const ran = join(site.folder, "ran");
    await site.write("modules/apt", `#!/bin/sh\n: >${ran}\necho '{}'\n`);
    await site.write(
      "modules/setup",
      `#!/bin/sh\necho '{"ansible_facts": {"ansible_pkg_mgr": "apt"}}'\n`,
    );
    const dirs = [site.modules, modules];
    for (const args of [{}, { use: "apt" }, { use_backend: "apt" }]) {
      for (const name of ["yum", "dnf"]) {
        if (name === "dnf" && !await hasDnfAction(modules)) continue;
        const result = await callWith(site, { dirs, name, args });
        assertMatchJson(result, /Could not detect which major revision/);
      }
    }
    await assertRejects(() => Deno.stat(ran), Deno.errors.NotFound);
    await callWith(site, { dirs, name: "package", args: { name: "x" } });
    assert((await Deno.stat(ran)).isFile);
  },
});

Deno.test({
  name: `package and service show why setup failed${suffix}`,
  ignore,
  fn: async () => {
    await using site = await Site.make();
    await site.write(
      "modules/setup",
      `#!/bin/sh\necho '{"failed": true, "msg": "no facts today", "x": 1}'\n`,
    );
    const dirs = [site.modules, modules];
    for (const name of ["package", "service"]) {
      const result = await callWith(site, { dirs, name, args: { name: "x" } });
      assertMatchJson(result, /setup failed: no facts today.*"x":1/);
    }
  },
});

async function hasDnfAction(modules: string): Promise<boolean> {
  const info = await Deno.stat(join(modules, "../plugins/action/dnf.py"))
    .catch(() => undefined);
  return info !== undefined;
}

async function prepare(folder: string): Promise<void> {
  await Deno.mkdir(join(folder, "parts"));
  const script = join(folder, "parts/one.sh");
  await Deno.writeTextFile(script, "#!/bin/sh\necho one\n");
  await Deno.writeTextFile(join(folder, "vars.yml"), "color: red\n");
  const template = join(folder, "parts/hello.j2");
  await Deno.writeTextFile(template, "hello {{ inventory_hostname }}\n");
  const tar = ["-C", folder, "-cf", join(folder, "one.tar"), "parts/one.sh"];
  assert((await new Deno.Command("tar", { args: tar }).output()).success);
}

/** The result of one call on a new host. */
async function callWith(
  site: Site,
  { gate, dirs = [], name, args = {} }: {
    gate?: Awaited<ReturnType<typeof buildGate>>;
    dirs?: string[];
    name: string;
    args?: JsonObject;
  },
): Promise<unknown> {
  const hosts = [await site.host(`h${crypto.randomUUID()}`)];
  const loaded = await loadInventory(["other,"], openInventorySources());
  const session = new SessionInventory(loaded, { loaded, extra: {} });
  const fleet = await site.open(hosts, { gate, sources: { dirs }, session });
  const { results } = await collect(run(fleet, { module: name, args }));
  return results.get(hosts[0]!.name);
}

function assertMatchJson(value: unknown, expected: RegExp): void {
  const text = JSON.stringify(value);
  assert(expected.test(text), text);
}

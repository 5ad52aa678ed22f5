import { assertEquals, assertRejects } from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
import { openInventorySources } from "../../../src/core/input/inventory_sources.ts";
import { SessionInventory } from "../../../src/core/fleet/session_inventory.ts";
import { selectHosts } from "../../../src/inventory/pattern/pattern.ts";
import { loadInventory } from "../../../src/inventory/load.ts";

const reading = () => loadInventory(["h1,h2,"], openInventorySources());

async function session(): Promise<SessionInventory> {
  const loaded = await reading();
  return new SessionInventory(loaded, { loaded, extra: {} });
}

/** A session on an inventory in INI, with these variables of `-e`. */
async function sessionOn(
  text: string,
  extra: Record<string, unknown> = {},
): Promise<SessionInventory> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/hosts`, text);
    const loaded = await loadInventory(
      [`${folder}/hosts`],
      openInventorySources(),
    );
    return new SessionInventory(loaded, { loaded, extra });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function chosen(inventory: SessionInventory, pattern: string): string[] {
  return selectHosts(inventory, pattern).map(({ name }) => name);
}

Deno.test("a session's variables win over those that were read, which stay", async () => {
  const read = await reading();
  const inventory = new SessionInventory(read, { loaded: read, extra: {} });
  inventory.addHost("h1", { color: "red" });
  inventory.addHost("h1", { size: 1 });
  assertEquals({ ...inventory.hosts.get("h1")!.vars }, {
    color: "red",
    size: 1,
  });
  assertEquals({ ...read.hosts.get("h1")!.vars }, {});
  assertEquals(chosen(inventory, "all"), ["h1", "h2"]);
});

Deno.test("a new host is ungrouped until it joins a group", async () => {
  const inventory = await session();
  inventory.addHost("h3", {});
  assertEquals(chosen(inventory, "ungrouped"), ["h1", "h2", "h3"]);
  await inventory.addToGroup("h3", { group: "web", parents: [] });
  assertEquals(chosen(inventory, "ungrouped"), ["h1", "h2"]);
  assertEquals(chosen(inventory, "web"), ["h3"]);
  assertEquals(chosen(inventory, "all:!web"), ["h1", "h2"]);
  assertEquals(inventory.hosts.get("h3")!.groups, ["web"]);
});

Deno.test("a group's parents have its hosts", async () => {
  const inventory = await session();
  for (const name of ["h1", "h2", "h1"]) {
    const group = name === "h1" ? "debian" : "fedora";
    await inventory.addToGroup(name, { group, parents: ["linux"] });
  }
  assertEquals(chosen(inventory, "linux"), ["h1", "h2"]);
  assertEquals(chosen(inventory, "debian"), ["h1"]);
  assertEquals(inventory.hosts.get("h1")!.groups, ["linux", "debian"]);
  assertEquals(inventory.groups.get("debian")!.hosts, ["h1"]);
  assertEquals(
    await inventory.addToGroup("none", { group: "debian", parents: [] }),
    undefined,
  );
});

Deno.test("hosts that join groups have the variables of these and of all groups above", async () => {
  const inventory = await sessionOn(`h1 color=own

[all:vars]
port=22
[web:vars]
port=80
color=web
[prod:vars]
stage=prod
[web]
[prod:children]
web
`);
  const { host } = inventory.addHost("h2", { size: 1 });
  assertEquals({ ...host.vars }, { port: 22, size: 1 });
  for (const name of ["h1", "h2"]) {
    await inventory.addToGroup(name, { group: "web", parents: [] });
  }
  const { h1, h2 } = Object.fromEntries(inventory.hosts);
  assertEquals(h2!.groups, ["prod", "web"]);
  assertEquals({ ...h2!.vars }, {
    port: 80,
    color: "web",
    stage: "prod",
    size: 1,
  });
  assertEquals(h1!.vars.color, "own");
  inventory.addHost("h1", { color: "set" });
  assertEquals(inventory.hosts.get("h1")!.vars.color, "set");
  await inventory.addToGroup("h1", { group: "new", parents: ["prod"] });
  assertEquals(inventory.hosts.get("h1")!.vars.color, "set");
  assertEquals(inventory.hosts.get("h1")!.groups, ["prod", "new", "web"]);
});

Deno.test("variables of -e win over those that a session sets, on new hosts too", async () => {
  const inventory = await sessionOn("h1\n", { color: "red" });
  for (const name of ["h1", "h2"]) {
    const { host } = inventory.addHost(name, { color: "blue", size: 1 });
    assertEquals({ ...host.vars }, { color: "red", size: 1 });
  }
});

Deno.test("a host that is added or grouped again has not changed", async () => {
  const inventory = await session();
  const add = (size: number) => inventory.addHost("h3", { size }).changed;
  assertEquals([add(1), add(1), add(2), add(2)], [true, false, true, false]);
  const joins: [string, string[]][] = [
    ["a", []],
    ["a", []],
    ["a", ["b"]],
    ["a", ["b"]],
  ];
  const changed = [];
  for (const [group, parents] of joins) {
    const joined = await inventory.addToGroup("h3", { group, parents });
    changed.push(joined?.changed);
  }
  assertEquals(changed, [true, false, true, false]);
});

Deno.test("a new group has the variables that group_vars/ has for it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/group_vars/debian`, { recursive: true });
    await Deno.writeTextFile(`${folder}/hosts`, "h1 own=1\n[web]\nh1\n");
    await Deno.writeTextFile(
      `${folder}/group_vars/web.yml`,
      "color: web\nown: 2\n",
    );
    await Deno.writeTextFile(
      `${folder}/group_vars/debian/a.yml`,
      "color: debian\nsize: 3\nown: 3\n",
    );
    await Deno.writeTextFile(`${folder}/group_vars/other.yml`, "{broken\n");
    const loaded = await loadInventory(
      [`${folder}/hosts`],
      openInventorySources(),
    );
    const inventory = new SessionInventory(loaded, { loaded, extra: {} });
    await Promise.all(
      ["h1", "h1"].map((name) =>
        inventory.addToGroup(name, { group: "debian", parents: ["all"] })
      ),
    );
    // Of equal depth, the last name wins, as in Ansible.
    assertEquals({ ...inventory.hosts.get("h1")!.vars }, {
      own: 1,
      color: "web",
      size: 3,
    });
    await assertRejects(
      () => inventory.addToGroup("h1", { group: "other", parents: [] }),
      InventoryError,
      "other.yml",
    );
    assertEquals(inventory.groups.has("other"), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("set_fact wins over include_vars, and both over add_host", async () => {
  const inventory = await session();
  inventory.addHost("h1", { a: 1, b: 1, c: 1 }, "set_fact");
  inventory.addHost("h1", { a: 2, d: 2 }, "include_vars");
  const { host } = inventory.addHost("h1", { b: 3, d: 3, e: 3 });
  assertEquals({ ...host.vars }, { a: 1, b: 1, c: 1, d: 2, e: 3 });
});

import { assertEquals } from "@std/assert";
import { openInventorySources } from "../../../src/core/input/inventory_sources.ts";
import { SessionInventory } from "../../../src/core/fleet/session_inventory.ts";
import { selectHosts } from "../../../src/inventory/pattern/pattern.ts";
import { loadInventory } from "../../../src/inventory/load.ts";

const reading = () => loadInventory(["h1,h2,"], openInventorySources());

async function session(): Promise<SessionInventory> {
  return new SessionInventory(await reading());
}

function chosen(inventory: SessionInventory, pattern: string): string[] {
  return selectHosts(inventory, pattern).map(({ name }) => name);
}

Deno.test("a session's variables win over those that were read, which stay", async () => {
  const read = await reading();
  const inventory = new SessionInventory(read);
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
  inventory.addToGroup("h3", { group: "web", parents: [] });
  assertEquals(chosen(inventory, "ungrouped"), ["h1", "h2"]);
  assertEquals(chosen(inventory, "web"), ["h3"]);
  assertEquals(chosen(inventory, "all:!web"), ["h1", "h2"]);
  assertEquals(inventory.hosts.get("h3")!.groups, ["web"]);
});

Deno.test("a group's parents have its hosts", async () => {
  const inventory = await session();
  for (const name of ["h1", "h2", "h1"]) {
    const group = name === "h1" ? "debian" : "fedora";
    inventory.addToGroup(name, { group, parents: ["linux"] });
  }
  assertEquals(chosen(inventory, "linux"), ["h1", "h2"]);
  assertEquals(chosen(inventory, "debian"), ["h1"]);
  assertEquals(inventory.hosts.get("h1")!.groups, ["linux", "debian"]);
  assertEquals(inventory.groups.get("debian")!.hosts, ["h1"]);
  assertEquals(
    inventory.addToGroup("none", { group: "debian", parents: [] }),
    undefined,
  );
});

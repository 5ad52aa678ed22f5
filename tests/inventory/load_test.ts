import { assertEquals, assertRejects } from "@std/assert";
import { InventoryError } from "../../src/errors.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { memorySources } from "./memory_sources.ts";

Deno.test("loadInventory() merges variables from all to the host", async () => {
  const inventory = await loadInventory(
    ["hosts.yml"],
    memorySources({
      "hosts.yml": `
all:
  vars: {from: all, a: 1}
  children:
    parent:
      vars: {from: parent, p: 1}
      children:
        child:
          vars: {from: child, c: 1}
          hosts:
            web1: {from: host, h: 1}
            web2:
`,
    }),
  );
  assertEquals(inventory.hosts.get("web1")?.vars, {
    from: "host",
    a: 1,
    p: 1,
    c: 1,
    h: 1,
  });
  assertEquals(inventory.hosts.get("web2")?.vars, {
    from: "child",
    a: 1,
    p: 1,
    c: 1,
  });
  assertEquals(inventory.hosts.get("web1")?.groups, ["parent", "child"]);
});

Deno.test("loadInventory() says what is not there", async () => {
  await assertRejects(
    () => loadInventory(["nope"], memorySources({})),
    InventoryError,
    "Cannot read inventory nope: no such file or folder",
  );
});

// selectHosts() against Ansible's own InventoryManager, on the fixtures: the
// same pattern must choose the same hosts.
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { openInventorySources } from "../../src/core/input/inventory_sources.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { selectHosts } from "../../src/inventory/pattern/pattern.ts";
import { InventoryError } from "../../src/errors.ts";

const fixture = fromFileUrl(
  new URL("../fixtures/inventory/nested.yml", import.meta.url),
);

const patterns = [
  "all",
  "*",
  "web",
  "prod",
  "ungrouped",
  "lone",
  "web:db",
  "web,db",
  "web:&dc1",
  "prod:!web",
  "!web",
  "&dc1",
  "prod,&dc1,!db-a",
  "!db-a:prod",
  "web*",
  "*.example.com",
  "web0[1-3]*",
  "web0[!1-3]*",
  "d?1",
  "web[0]",
  "web[-1]",
  "web[0:2]",
  "web[3:]",
  "db[1:1]",
  "prod:!web[0]",
  "~web0[12]",
  "~^(web|db-)",
  "~.*[02].example",
  "db-[a]",
  "db-?",
  "web01.example.com",
  "stray",
  "dc*",
  "w*:!*2*",
];

const SCRIPT = `
import json, sys
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
manager = InventoryManager(loader=DataLoader(), sources=[sys.argv[1]])
print(json.dumps([[h.name for h in manager.get_hosts(p)] for p in sys.argv[2:]]))
`;

const answers = await ask();

/** What Ansible chooses by each pattern; undefined where it is not installed. */
async function ask(): Promise<string[][] | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("/usr/bin/python3", {
      args: ["-c", SCRIPT, fixture, ...patterns],
      stderr: "null",
    }).output();
    return success ? JSON.parse(new TextDecoder().decode(stdout)) : undefined;
  } catch {
    // No such interpreter: the test below says so by its name.
    return undefined;
  }
}

Deno.test({
  name: `selectHosts() agrees with Ansible on ${patterns.length} patterns${
    answers ? "" : " (skipped: /usr/bin/python3 cannot import ansible)"
  }`,
  ignore: !answers,
  fn: async () => {
    const inventory = await loadInventory([fixture], openInventorySources());
    const choose = (pattern: string) => {
      try {
        return selectHosts(inventory, pattern).map(({ name }) => name);
      } catch (error) {
        // Where Ansible chooses nothing, ftl refuses.
        if (error instanceof InventoryError) return [];
        throw error;
      }
    };
    assertEquals(
      patterns.map((pattern) => [pattern, choose(pattern).sort()]),
      patterns.map((pattern, i) => [pattern, answers?.[i]?.toSorted()]),
    );
  },
});

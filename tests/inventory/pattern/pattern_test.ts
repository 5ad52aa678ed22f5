import { assertEquals, assertRejects } from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
import { loadInventory } from "../../../src/inventory/load.ts";
import {
  referencesIn,
  selectHosts,
} from "../../../src/inventory/pattern/pattern.ts";
import { foldNames } from "../../../src/inventory/fold.ts";
import { memorySources } from "../memory_sources.ts";

const loading = loadInventory(
  ["hosts.yml"],
  memorySources({
    "hosts.yml": `
all:
  hosts:
    bastion:
    lost: {}
    "2001:db8::1":
  children:
    web:
      hosts:
        web[1:12]:
    db:
      hosts:
        db2:
        db1:
    dc1:
      hosts:
        web[1:3]:
        db1:
    apps:
      children:
        web:
        db:
    empty:
    both:
      hosts:
        web1:
        both:
`,
  }),
);

async function choose(
  pattern: string,
  references?: Map<string, string[]>,
): Promise<string> {
  const inventory = await loading;
  const options = references ? { references } : {};
  return foldNames(
    selectHosts(inventory, pattern, options).map(({ name }) => name),
  );
}

const cases: [pattern: string, hosts: string][] = [
  ["all", "2001:db8::1,bastion,both,db[1-2],lost,web[1-12]"],
  ["*", "2001:db8::1,bastion,both,db[1-2],lost,web[1-12]"],
  ["web1", "web1"],
  ["web", "web[1-12]"],
  ["apps", "db[1-2],web[1-12]"],
  ["ungrouped", "2001:db8::1,bastion,lost"],
  ["web1,db1", "db1,web1"],
  ["web1:db1", "db1,web1"],
  ["web1, db1", "db1,web1"],
  ["web1,,web1", "web1"],
  ["web:&dc1", "web[1-3]"],
  ["web:!dc1", "web[4-12]"],
  ["!dc1:apps", "db2,web[4-12]"],
  ["&dc1,!db", "web[1-3]"],
  ["web?", "web[1-9]"],
  ["web[!1]", "web[2-9]"],
  ["d*1", "db1,web[1-3]"],
  ["a*", "db[1-2],web[1-12]"],
  ["web[0]", "web1"],
  ["web[-1]", "web12"],
  ["web[0:2]", "web[1-3]"],
  ["web[10:]", "web[11-12]"],
  ["web[0:99]", "web[1-12]"],
  ["db[0]", "db2"],
  ["web*[1]", "web2"],
  ["web[9-11]", "web[9-11]"],
  ["web[2-3,7]", "web[2-3,7]"],
  ["web[11-40]", "web[11-12]"],
  ["web[09:11]:!web10", "web[11-12]"],
  ["[a-b]astion", "bastion"],
  ["dc[1-3]", "db1,web[1-3]"],
  ["~web1[0-2]$", "web[10-12]"],
  ["~(web|db)1$", "db1,web1"],
  ["~web\\d{2,3}:!~.*(?:1|2)$", "web10"],
  ["~(?i)BAST", "bastion"],
  ["~web[\\],1]$,db1", "db1,web1"],
  ["~((web|db)(1,2|1)):!~d[b:]", "web[1,10-12]"],
  ["2001:db8::1", "2001:db8::1"],
  ["db1,2001:db8::1", "2001:db8::1,db1"],
  ["both", "both"],
  ["dc1:!both", "db1,web[2-3]"],
  ["localhost", "localhost"],
  ["web1,localhost", "localhost,web1"],
];

for (const [pattern, hosts] of cases) {
  Deno.test(`selectHosts() chooses ${hosts} by ${pattern}`, async () => {
    assertEquals(await choose(pattern), hosts);
  });
}

const faults: [pattern: string, complaint: string, hint: string][] = [
  [
    "wbe",
    "Cannot choose hosts by wbe: no host or group has this name",
    "Did you mean web?",
  ],
  [
    "web1 db",
    "Cannot choose hosts by web1 db: no host or group has this name",
    "Separate hosts with commas: web1,db",
  ],
  [
    "web:!dbb",
    "Cannot choose hosts by dbb in web:!dbb: no host",
    "Did you mean db",
  ],
  ["", 'by "": the pattern is empty', ""],
  [" , ", 'by " , ": the pattern is empty', ""],
  [
    "empty",
    "it matches no host",
    "Choose from 18 hosts in the groups web, db, dc1, apps, empty, both",
  ],
  ["web:&lost", "it matches no host", ""],
  ["x*", "it matches no host", ""],
  [
    "web[12]",
    "web has 12 hosts, and none is web[12]",
    "Count positions from 0",
  ],
  ["web[-13]", "none is web[-13]", ""],
  ["web[20-30]", "it matches no host", ""],
  ["~web)", "it is not a regular expression", ""],
  [
    "~web(",
    "Cannot choose hosts by ~web(: a ( is not closed",
    "Write \\( for the character itself",
  ],
  ["web,~d[b", "a [ is not closed", "Write \\[ for the character itself"],
  ["@failed", "@failed is unknown", ""],
];

for (const [pattern, complaint, hint] of faults) {
  Deno.test(`selectHosts() refuses ${JSON.stringify(pattern)}: ${complaint}`, async () => {
    const error = await assertRejects(
      () => choose(pattern),
      InventoryError,
      complaint,
    );
    if (hint) assertEquals(error.hint?.startsWith(hint), true, error.hint);
  });
}

Deno.test("selectHosts() keeps the order of the inventory", async () => {
  const names = selectHosts(await loading, "db1,bastion,web2,web1").map((
    { name },
  ) => name);
  assertEquals(names, ["bastion", "web1", "web2", "db1"]);
});

Deno.test("selectHosts() expands an @name to its patterns", async () => {
  const references = new Map([["failed.txt", [
    "# last night",
    "web1",
    "",
    "db:!db1",
  ]]]);
  assertEquals(await choose("@failed.txt", references), "db2,web1");
  assertEquals(await choose("web:!@failed.txt", references), "web[2-12]");
});

Deno.test("selectHosts() does not split @last from its state", async () => {
  const references = new Map([["last:failed", ["web1", "web2"]]]);
  assertEquals(await choose("@last:failed", references), "web[1-2]");
  assertEquals(await choose("dc1:!@last:failed:!db", references), "web3");
});

Deno.test("selectHosts() refuses an @name inside another", async () => {
  await assertRejects(
    () => choose("@a", new Map([["a", ["@a"]]])),
    InventoryError,
    "@a refers to another @",
  );
});

Deno.test("referencesIn() lists the @names of a pattern", () => {
  assertEquals(referencesIn("web:&@a.txt,!@last:failed,db"), [
    "a.txt",
    "last:failed",
  ]);
});

Deno.test("a glob chooses a group of 200,000 hosts", async () => {
  const inventory = await loadInventory(
    ["many.yml"],
    memorySources({ "many.yml": "many:\n  hosts:\n    h[1:200000]:\n" }),
  );
  assertEquals(selectHosts(inventory, "ma*").length, 200_000);
});

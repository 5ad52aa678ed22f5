import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InventoryError } from "../../src/errors.ts";
import { type Host, withVars } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import {
  decideExpressions,
  judgedByFacts,
} from "../../src/inventory/expression.ts";
import {
  expressionsIn,
  selectHosts,
} from "../../src/inventory/pattern/pattern.ts";
import { memorySources } from "./memory_sources.ts";

const inventory = await loadInventory(
  ["hosts.yml"],
  memorySources({
    "hosts.yml": `
web:
  hosts:
    web1: {dc: fra, cores: 16, tags: [a, b]}
    web2: {dc: ams, cores: 4, down: true}
    web3: {dc: "{{ place }}", place: fra, cores: 8.0, note: "a:b,c}"}
  vars: {tier: front}
db:
  hosts:
    db1: {dc: fra, nested: {disk: {size: 500}}}
    db2: {}
`,
  }),
);

const FACTS: Record<string, Record<string, unknown>> = {
  web1: { distribution: "Debian", ansible: 12 },
  web2: { distribution: "Rocky" },
};

/** The host with its facts, as runs and sessions give them. */
function withFacts(host: Host): Host {
  const facts = FACTS[host.name];
  if (facts === undefined) return host;
  const injected = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value]),
  );
  return withVars(host, { ...injected, ...host.vars, ansible_facts: facts });
}

async function choose(
  pattern: string,
  seen: (host: Host) => Host = (host) => host,
  references: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<string[]> {
  const options = { references, seen };
  const expressions = await decideExpressions(inventory, pattern, options);
  return selectHosts(inventory, pattern, { references, expressions })
    .map(({ name }) => name);
}

const CASES: readonly [pattern: string, ...hosts: string[]][] = [
  ['{dc == "fra"}', "web1", "web3", "db1"],
  ['web:&{dc == "fra"}', "web1", "web3"],
  ['web,&{dc == "fra"},!web3', "web1"],
  ["web:!{cores > 4}", "web2"],
  ["{cores >= 8}", "web1", "web3"],
  ['{dc == "fra" and cores is not defined}', "db1"],
  ["web:!{down}", "web1", "web3"],
  ["web:&{not down}", "web1", "web3"],
  ['{"a" in tags}', "web1"],
  ['{"web" in group_names and inventory_hostname != "web2"}', "web1", "web3"],
  ["{nested.disk.size > 100}", "db1"],
  ['{note == "a:b,c}"}', "web3"],
  ["{{'x': dc}['x'] == 'ams'}", "web2"],
  ['{dc is defined and dc.startswith("a")}:db2', "web2", "db2"],
  ['{dc in ["ams", "lon"]} , db2', "web2", "db2"],
  ['{tier | default("back") == "back"}', "db1", "db2"],
  ['{ (dc) == "ams" }', "web2"],
];

for (const [pattern, ...hosts] of CASES) {
  Deno.test(`${pattern} chooses ${hosts}`, async () => {
    assertEquals(await choose(pattern), hosts);
  });
}

Deno.test("a reference may hold expressions", async () => {
  const references = new Map([["f", ["# {no == 1}", "{down}", "db1"]]]);
  assertEquals(await choose("@f", undefined, references), ["web2", "db1"]);
  assertEquals(await choose("all:!@f", undefined, references), [
    ...["web1", "web3", "db2"],
  ]);
});

Deno.test("facts choose hosts once they are there, as members and as variables", async () => {
  const pattern = "web1,web2:&";
  for (
    const expression of [
      '{ansible_facts.distribution == "Debian"}',
      '{ansible_distribution == "Debian"}',
      '{ansible_facts["distribution"] == "Debian"}',
    ]
  ) {
    assertEquals(await choose(pattern + expression, withFacts), ["web1"]);
    assertEquals(await judged(`web1,web2:&${expression}:!{down}`), ["web1"]);
    assertEquals(await judged(`web:!${expression}`), ["web1", "web2", "web3"]);
    assertEquals(
      await choose(`web:&{cores < 20}:&${expression}:!web3`, withFacts),
      ["web1"],
    );
  }
  assertEquals(await judged("{dc}:!db1"), undefined);
});

/** The names of the hosts whose facts decide. */
async function judged(pattern: string): Promise<string[] | undefined> {
  return (await judgedByFacts(inventory, pattern))?.map(({ name }) => name);
}

const ERRORS: readonly [pattern: string, message: string, hint: string][] = [
  ['{dca == "fra"}', "no host has a variable dca", "Did you mean dc?"],
  ["{zzzzzz}", "no host has a variable zzzzzz", "zzzzzz is defined"],
  ["{dc ==}", "expected an expression", "Write a Jinja expression"],
  ["{dc | shout}", "unknown filter", "Write a Jinja expression"],
  ["{ }", "it is empty", "Write a Jinja expression"],
  [
    'web:&{ansible_facts.distribution == "Debian"}',
    "the facts of web1, web2, web3 were not gathered",
    "run setup first in the console",
  ],
  ["{ansible_os_family}", "and 2 more were not gathered", "`facts`"],
];

for (const [pattern, message, hint] of ERRORS) {
  Deno.test(`${pattern} is an error: ${message}`, async () => {
    const error = await assertRejects(
      () => choose(pattern),
      InventoryError,
      message,
    );
    assertEquals(error.hint?.includes(hint), true, error.hint);
  });
}

Deno.test("an expression that is not closed is an error", () => {
  for (const pattern of ['{dc == "fra"', '{dc == "fra}', "web:&{{dc}"]) {
    const error = assertThrows(() => expressionsIn(pattern), InventoryError);
    assertEquals(error.message.endsWith("a { is not closed"), true);
  }
});

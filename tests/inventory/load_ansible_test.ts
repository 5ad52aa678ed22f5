// loadInventory() against the real ansible-inventory, on a folder of inventories
// in every format: hosts, groups, children and merged variables must agree.
import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { openInventorySources } from "../../src/core/input/inventory_sources.ts";
import type { LoadedInventory } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";

const fixtures = fromFileUrl(
  new URL("../fixtures/inventory/", import.meta.url),
);

/** What both sides are brought to. */
interface Facts {
  hosts: Record<string, unknown>;
  groups: Record<string, { hosts: string[]; children: string[] }>;
}

/** A group as ansible-inventory prints it. */
interface Printed {
  hosts?: string[];
  children?: string[];
}

async function ansibleFacts(sources: readonly string[]): Promise<Facts> {
  const text = await printInventory(sources);
  const { _meta, ...groups } = JSON.parse(text) as Record<string, Printed> & {
    _meta: { hostvars: Record<string, unknown> };
  };
  const hosts = Object.fromEntries(Object.entries(_meta.hostvars));
  // It prints only hosts with variables there, and only groups with members.
  for (const group of Object.values(groups)) {
    for (const name of group.hosts ?? []) {
      if (!Object.hasOwn(hosts, name)) hosts[name] = {};
    }
  }
  return { hosts, groups: settle(Object.entries(groups)) };
}

async function printInventory(sources: readonly string[]): Promise<string> {
  const home = await Deno.makeTempDir();
  try {
    const { stdout, stderr, success } = await new Deno.Command(
      "ansible-inventory",
      {
        args: [...sources.flatMap((source) => ["-i", source]), "--list"],
        cwd: fixtures,
        clearEnv: true,
        env: {
          PATH: Deno.env.get("PATH") ?? "",
          HOME: home,
          LC_ALL: "C.UTF-8",
        },
      },
    ).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function ourFacts(inventory: Promise<LoadedInventory>): Promise<Facts> {
  const { hosts, groups } = await inventory;
  return {
    hosts: JSON.parse(JSON.stringify(
      Object.fromEntries(
        [...hosts.values()].map(({ name, vars }) => [name, vars]),
      ),
    )),
    groups: settle(
      [...groups.values()].map((
        { name, hosts, children },
      ) => [name, { hosts: [...hosts], children: [...children] }]),
    ),
  };
}

/**
 * Order aside, without groups that have nothing in them, and without the hosts
 * of `all`: ansible-inventory prints neither.
 */
function settle(groups: [string, Printed][]): Facts["groups"] {
  const members = new Map(
    groups.map(([name, { hosts = [], children = [] }]) => [
      name,
      {
        hosts: name === "all" ? [] : hosts.toSorted(),
        children: children.toSorted(),
      },
    ]),
  );
  const isEmpty = (name: string) => {
    const group = members.get(name);
    return !group || group.hosts.length + group.children.length === 0;
  };
  return Object.fromEntries(
    [...members].filter(([name]) => !isEmpty(name)).map((
      [name, { hosts, children }],
    ) => [
      name,
      { hosts, children: children.filter((child) => !isEmpty(child)) },
    ]),
  );
}

const installed = await isInstalled();

async function isInstalled(): Promise<boolean> {
  try {
    return (await new Deno.Command("ansible-inventory", {
      args: ["--version"],
      stdout: "null",
    }).output()).success;
  } catch {
    // Not on PATH: the tests below say so by their names.
    return false;
  }
}

const cases: string[][] = [
  ["nested.yml"],
  ["priority.yml"],
  ["scalars.yml"],
  ["merge.yml"],
  ["static.ini"],
  ["plain"],
  ["unmarked"],
  ["layout.json"],
  ["scripts/with_meta.sh"],
  ["scripts/without_meta.sh"],
  ["folder"],
  ["beside/hosts.ini"],
  ["folder", "beside/hosts.ini"],
  ["beside/hosts.ini", "folder"],
  ["web1,web2:2222, db1,[::1]:22,,"],
  ["nested.yml", "web1,stray,", "plain"],
];

for (const sources of cases) {
  Deno.test({
    name: `loadInventory() agrees with ansible-inventory on ${
      sources.join(" and ")
    }${installed ? "" : " (skipped: ansible-inventory is not installed)"}`,
    ignore: !installed,
    fn: async () => {
      const paths = sources.map((source) =>
        source.includes(",") ? source : join(fixtures, source)
      );
      const [theirs, ours] = await Promise.all([
        ansibleFacts(sources),
        ourFacts(loadInventory(paths, openInventorySources())),
      ]);
      assertEquals(ours, theirs);
    },
  });
}

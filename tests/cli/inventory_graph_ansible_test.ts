// Compares `ftl inventory graph` and `list` with `ansible-inventory --graph` and
// `ansible --list-hosts`, on inventories of every format.
import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import type { Context } from "../../src/cli/commands/context.ts";
import {
  handleInventoryGraph,
  handleInventoryList,
} from "../../src/cli/commands/inventory/inventory_handler.ts";
import { needProgram } from "../support/need.ts";

const ansibleNeed = needProgram("ansible-inventory");

const FIXTURES = fromFileUrl(
  new URL("../fixtures/inventory/", import.meta.url),
);

const INVENTORIES = [
  "nested.yml",
  "merge.yml",
  "static.ini",
  "layout.json",
  "scripts/without_meta.sh",
  "folder",
  "beside/hosts.ini",
  "web1,web2:2222,[::1]:22,",
];

/** Only two: starting Ansible takes most of the time of this test. */
const PATTERNS: Readonly<Record<string, string>> = {
  "nested.yml": "prod:!web[0]:&dc1",
  folder: "all:!ungrouped",
};

/** The output of a command of ftl. */
async function printed(
  run: (context: Context) => Promise<number>,
): Promise<string> {
  let out = "";
  const context = {
    out: (text: string) => out += text,
    err: () => {},
  } as unknown as Context;
  await run(context);
  return out;
}

async function ansible(program: string, args: string[]): Promise<string> {
  const home = await Deno.makeTempDir();
  try {
    const { stdout } = await new Deno.Command(program, {
      args,
      cwd: FIXTURES,
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "", HOME: home, LC_ALL: "C.UTF-8" },
    }).output();
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

for (const source of INVENTORIES) {
  Deno.test({
    name: `graph and list agree with ansible on ${source}${ansibleNeed.suffix}`,
    ignore: ansibleNeed.ignore,
    fn: async () => {
      const path = source.includes(",") ? source : join(FIXTURES, source);
      const inventory = [path];
      const [theirs, ours] = await Promise.all([
        ansible("ansible-inventory", ["-i", source, "--graph"]),
        printed((context) =>
          handleInventoryGraph("all", { inventory }, context)
        ),
      ]);
      assertEquals(ours.trimEnd(), theirs.trimEnd());
      const pattern = PATTERNS[source];
      if (pattern === undefined) return;
      const chosen = await ansible("ansible", [
        ...["-i", source, pattern, "--list-hosts"],
      ]);
      const names = chosen.split("\n").slice(1).map((line) => line.trim())
        .filter((name) => name !== "");
      const listed = await printed((context) =>
        handleInventoryList({ inventory, limit: pattern }, context)
      );
      assertEquals(
        listed.split("\n").filter((name) => name !== "").toSorted(),
        names.toSorted(),
      );
    },
  });
}

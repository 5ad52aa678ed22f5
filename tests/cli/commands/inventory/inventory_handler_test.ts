import { assertEquals, assertRejects } from "@std/assert";
import type { Context } from "../../../../src/cli/commands/context.ts";
import { UsageError } from "../../../../src/cli/process/exit_code.ts";
import {
  handleInventoryGraph,
  handleInventoryList,
  handleInventoryShow,
} from "../../../../src/cli/commands/inventory/inventory_handler.ts";

const NESTED = `all:
  vars: {ntp: a}
  children:
    dc1:
      children:
        web:
          vars: {port: 80}
          hosts:
            web[1:2]:
        db:
          hosts:
            db1: {ansible_host: 192.0.2.1}
`;

/** Runs a command on an inventory file; resolves to its output. */
async function printed(
  text: string,
  run: (options: { inventory: string[] }, context: Context) => Promise<number>,
): Promise<string> {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/hosts.yml`;
  await Deno.writeTextFile(file, text);
  let out = "";
  const context = {
    out: (text: string) => out += text,
    err: () => {},
  } as unknown as Context;
  try {
    await run({ inventory: [file] }, context);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return out.replaceAll(`${folder}/`, "");
}

Deno.test("graph() draws groups and hosts as ansible-inventory does", async () => {
  assertEquals(
    await printed(
      NESTED,
      (options, context) => handleInventoryGraph("all", options, context),
    ),
    `@all:
  |--@ungrouped:
  |--@dc1:
  |  |--@web:
  |  |  |--web1
  |  |  |--web2
  |  |--@db:
  |  |  |--db1
`,
  );
});

Deno.test("show() prints where each variable of a host was set", async () => {
  assertEquals(
    await printed(
      NESTED,
      (options, context) => handleInventoryShow("web2", options, context),
    ),
    `web2
  groups: dc1, web
  ntp: "a"  (all, hosts.yml:2)
  port: 80  (web, hosts.yml:7)
`,
  );
});

Deno.test("list() prints names, or hosts as JSON", async () => {
  assertEquals(await printed(NESTED, handleInventoryList), "web1\nweb2\ndb1\n");
  const json = await printed(
    NESTED,
    (options, context) =>
      handleInventoryList({ ...options, format: "json" }, context),
  );
  assertEquals(JSON.parse(json)[2], {
    name: "db1",
    groups: ["dc1", "db"],
    vars: { ntp: "a", ansible_host: "192.0.2.1" },
  });
});

Deno.test("show() and graph() suggest a correction for a mistyped name", async () => {
  const error = await assertRejects(
    () =>
      printed(
        NESTED,
        (options, context) => handleInventoryShow("wbe1", options, context),
      ),
    UsageError,
    "Cannot show wbe1: the inventory has no such host",
  );
  assertEquals(error.hint, "Did you mean web1?");
});

Deno.test("show() prints text that is marked !unsafe as text, in lists too", async () => {
  const text = `all:
  hosts:
    web1: {a: !unsafe "{{ x }}", b: !unsafe ["{% y %}"]}
`;
  const out = await printed(
    text,
    (options, context) => handleInventoryShow("web1", options, context),
  );
  assertEquals(
    out,
    `web1
  groups: ungrouped
  a: "{{ x }}"  (hosts.yml:3)
  b: ["{% y %}"]  (hosts.yml:3)
`,
  );
});

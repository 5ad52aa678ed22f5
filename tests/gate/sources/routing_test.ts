import { assertEquals, assertRejects } from "@std/assert";
import { BuildError } from "../../../src/errors.ts";
import { RoutingFile } from "../../../src/gate/sources/routing.ts";

const FILE = new RoutingFile(
  `---
# a comment: with a colon
requires_ansible: '>=2.11.0'
plugin_routing:

  connection:
    thing:
      redirect: wrong.section.thing
  modules:
    thing:
      # why
      redirect: acme.tools.thing

      deprecation:
        removal_version: 9.0.0
        warning_text: Folded over
          two lines.
    "quoted": {redirect: acme.tools.quoted}
    thing.sub: { tombstone: { warning_text: "gone: for good" } }
    empty:
    broken:
      redirect: [
  module_utils:
    thing:
      redirect: acme.tools.util
other:
  modules:
    elsewhere:
      redirect: wrong.place.thing
`,
  "runtime.yml",
);

Deno.test("find() finds an entry of its section only", async () => {
  assertEquals(await FILE.find("thing", "modules"), {
    redirect: "acme.tools.thing",
    deprecation: {
      removal_version: "9.0.0",
      warning_text: "Folded over two lines.",
    },
  });
  assertEquals(await FILE.find("thing", "module_utils"), {
    redirect: "acme.tools.util",
  });
  assertEquals(await FILE.find("elsewhere", "modules"), undefined);
  assertEquals(await FILE.find("redirect", "modules"), undefined);
});

Deno.test("find() reads quoted keys, dotted keys, braces and empty entries", async () => {
  assertEquals(await FILE.find("quoted", "modules"), {
    redirect: "acme.tools.quoted",
  });
  assertEquals(await FILE.find("thing.sub", "modules"), {
    tombstone: { warning_text: "gone: for good" },
  });
  assertEquals(await FILE.find("empty", "modules"), undefined);
});

Deno.test("find() names file and entry when it is not YAML", async () => {
  await assertRejects(
    () => FILE.find("broken", "modules"),
    BuildError,
    "Cannot read runtime.yml: the entry broken is not YAML",
  );
});

Deno.test("find() finds nothing in a file without routing", async () => {
  for (const text of ["", "---\n", "plugin_routing:\n", "a: 1\n"]) {
    const file = new RoutingFile(text, "runtime.yml");
    assertEquals(await file.find("thing", "modules"), undefined);
  }
});

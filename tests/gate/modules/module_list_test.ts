import { assertEquals } from "@std/assert";
import {
  listModuleNames,
  listModulesWithSummaries,
  summaryIn,
} from "../../../src/gate/modules/module_list.ts";
import { CORE, withTree } from "../../support/source_tree.ts";

const ROOT = "ansible_collections/acme/tools";
const TREE = {
  "m/greet.py": 'def main(name="x"):\n    """Say hello."""\n',
  "m/sub/tidy.sh": "#!/bin/sh\n",
  "m/stub.py": "DOCUMENTATION = '''\nshort_description: x\n'''\n",
  [`${ROOT}/plugins/modules/make.py`]:
    "DOCUMENTATION = '''\nmodule: make\nshort_description: Makes\n  things\n'''\n" +
    "from ansible.module_utils.basic import AnsibleModule\n",
  [`${ROOT}/plugins/modules/deep/er.py`]: "# WANT_JSON\n",
  [`${ROOT}/plugins/modules/__init__.py`]: "",
  [`${ROOT}/plugins/modules/notes.txt`]: "",
};

Deno.test("listModuleNames() reads folders and collections", async () => {
  await withTree(TREE, async (folder) => {
    const sources = { dirs: [`${folder}/m`], collections: [folder] };
    assertEquals(await listModuleNames(sources), [
      "acme.tools.deep.er",
      "acme.tools.make",
      "greet",
      "stub",
      "tidy",
    ]);
  });
});

Deno.test("listModulesWithSummaries() has summaries, and leaves out stubs", async () => {
  await withTree(TREE, async (folder) => {
    const sources = { dirs: [`${folder}/m`], collections: [folder] };
    assertEquals(await listModulesWithSummaries(sources), [
      { name: "acme.tools.deep.er", summary: "" },
      { name: "acme.tools.make", summary: "Makes things" },
      { name: "greet", summary: "Say hello" },
      { name: "tidy", summary: "" },
    ]);
  });
});

Deno.test("summaryIn() reads one line in all its YAML forms", () => {
  const of = (yaml: string) => summaryIn(`DOCUMENTATION = r'''\n${yaml}\n'''`);
  assertEquals(of("short_description: Do it."), "Do it");
  assertEquals(of('short_description: "Do: it"'), "Do: it");
  assertEquals(of("short_description: >-\n  Do\n  it\noptions: {}"), "Do it");
  assertEquals(of("---\nmodule: x\nshort_description: Do it\n"), "Do it");
  assertEquals(summaryIn("short_description: x"), "");
});

Deno.test("listModulesWithSummaries() lists documentation only of what ftl runs as an action", async () => {
  const stub = (text: string) =>
    `DOCUMENTATION = """\nshort_description: ${text}\n"""\n`;
  await withTree({
    ...CORE,
    "core/ansible/modules/shell.py": stub("Runs"),
    "core/ansible/modules/set_stats.py": stub("Sets"),
  }, async (folder) => {
    const listed = await listModulesWithSummaries({ dirs: [`${folder}/core`] });
    assertEquals(listed.map(({ name }) => name), [
      "debug",
      "ping",
      "shell",
      "uri",
    ]);
    assertEquals(listed[2]!.summary, "Runs");
  });
});

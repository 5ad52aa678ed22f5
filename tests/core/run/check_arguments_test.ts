import { assertEquals, assertRejects } from "@std/assert";
import { checkArguments } from "../../../src/core/run/check_arguments.ts";
import { openHostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { BuildError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/protocol/message.ts";
import { type SourceTree, withTree } from "../../support/source_tree.ts";
import { needAnsible } from "../../support/ansible.ts";

const IMPORT = "from ansible.module_utils.basic import AnsibleModule\n";
const LITERAL = `${IMPORT}AnsibleModule(argument_spec=dict(
  content=dict(), dest=dict(required=True, aliases=['to']),
  state=dict(choices=['present', 'absent']),
  tags=dict(type='list', choices=['red', 'blue'])))
`;
const DOCUMENTED = `
DOCUMENTATION = '''
module: cloud
options: {region: {aliases: [zone]}}
extends_documentation_fragment: [FRAGMENT]
'''
from ansible_collections.a.b.plugins.module_utils.cloud import CloudModule
CloudModule(argument_spec=dict(size=SIZE))
`;
const TREE: SourceTree = {
  "modules/make.py": LITERAL,
  "modules/plain.sh": "#!/bin/sh\n",
  "modules/silent.py": `${IMPORT}AnsibleModule(argument_spec=make())\n`,
  "modules/kept.py": "def main(name):\n  pass\n",
  "c/ansible_collections/a/b/plugins/modules/cloud.py": DOCUMENTED.replace(
    "FRAGMENT",
    "a.b.login",
  ),
  "c/ansible_collections/a/b/plugins/modules/lost.py": DOCUMENTED.replace(
    "FRAGMENT",
    "a.c.gone",
  ),
  "c/ansible_collections/a/b/plugins/doc_fragments/login.py":
    "class ModuleDocFragment:\n  DOCUMENTATION = '''\noptions: {token: {}}\n'''\n",
  "c/ansible_collections/a/b/plugins/module_utils/cloud.py":
    `${IMPORT}SPEC = dict(retries=dict(type='int'))\n`,
};

/** What is said of calls: a module, its arguments, and the error with its hint. */
async function check(
  calls: readonly [string, JsonObject, string | undefined, string?][],
): Promise<void> {
  await withTree(TREE, async (folder) => {
    await using fleet = await openHostFleet({
      hosts: [],
      sources: { dirs: [`${folder}/modules`], collections: [`${folder}/c`] },
    });
    for (const [module, args, message, hint] of calls) {
      const error = await checkArguments({ module, args }, fleet)
        .then(() => undefined, (error) => error);
      assertEquals(error?.message, message);
      if (hint) assertEquals(error.hint, hint);
    }
  });
}

Deno.test("an argument that a module does not have is named, with a suggestion", () =>
  check([
    ["make", { dest: "/x", content: "" }, undefined],
    [
      "make",
      { to: "/x", contnet: "" },
      'Cannot run make: it has no option "contnet"',
      'Did you mean "content"? To run it anyway, use `forceArgs`',
    ],
    [
      "make",
      { to: "/x", a1: "", b2: "" },
      'Cannot run make: it has no options "a1", "b2"',
      "Use content, dest, state, tags, to. To run it anyway, use `forceArgs`",
    ],
    ["make", { dest: "/x", _ansible_x: 1, _own: 2 }, undefined],
  ]));

Deno.test("a value that is not a choice is named, unless it may change", () =>
  check([
    ["make", { dest: "", state: "absent" }, undefined],
    [
      "make",
      { dest: "", state: "presnt" },
      'Cannot run make: state cannot be "presnt", only present, absent',
      'Did you mean "present"? To run it anyway, use `forceArgs`',
    ],
    [
      "make",
      { dest: "", tags: "red, green" },
      'Cannot run make: tags cannot be "green", only red, blue',
    ],
    ["make", { dest: "", tags: ["red"] }, undefined],
    ["make", { dest: "", state: "{{ state }}" }, undefined],
    ["make", { dest: "", state: { "ftl:ref": "x" } }, undefined],
    ["make", { dest: "", state: true }, undefined],
    ["make", { dest: "", state: "no" }, undefined],
  ]));

Deno.test("an argument that is required and missing is named", () =>
  check([
    ["make", {}, "Cannot run make: dest is required", "Add dest=…"],
    ["make", { dest: null }, undefined],
  ]));

Deno.test("a computed spec is known by its documentation, its own code and its utils", () =>
  check([
    ["a.b.cloud", { region: 1, zone: 1, token: 1, size: 1 }, undefined],
    ["a.b.cloud", { retries: 1 }, undefined],
    [
      "a.b.cloud",
      { tokn: 1 },
      'Cannot run a.b.cloud: it has no option "tokn"',
      'Did you mean "token"? To run it anyway, use `forceArgs`',
    ],
  ]));

Deno.test("a module whose arguments cannot be known is left alone", () =>
  check([
    ["a.b.lost", { anything: 1 }, undefined],
    ["silent", { anything: 1 }, undefined],
    ["plain", { anything: 1 }, undefined],
    ["kept", { anything: 1 }, undefined],
    ["make", { _raw_params: "x", anything: 1 }, undefined],
  ]));

const { modules, ignore, suffix } = needAnsible();

Deno.test({
  name:
    `copy knows its action's arguments, and package takes those of others${suffix}`,
  ignore,
  fn: async () => {
    await using fleet = await openHostFleet({
      hosts: [],
      sources: { dirs: [modules] },
    });
    const copy = (args: JsonObject) =>
      checkArguments({ module: "copy", args }, fleet);
    await copy({ content: "x", dest: "/x", decrypt: false, mode: "preserve" });
    await assertRejects(
      () => copy({ contnet: "x", dest: "/x" }),
      BuildError,
      'Cannot run copy: it has no option "contnet"',
    );
    await checkArguments({ module: "package", args: { any: 1 } }, fleet);
    await checkArguments({ module: "service", args: { any: 1 } }, fleet);
  },
});

Deno.test({
  name:
    `a module that is only an action knows its documentation's options${suffix}`,
  ignore,
  fn: async () => {
    await using fleet = await openHostFleet({
      hosts: [],
      sources: { dirs: [modules] },
    });
    const refused: readonly [string, JsonObject, string][] = [
      ["template", { src: "a", dst: "/x" }, "dst"],
      ["debug", { mgs: "x" }, "mgs"],
      ["fetch", { src: "/x", dst: "x" }, "dst"],
      ["wait_for_connection", { timout: 3 }, "timout"],
      ["ansible.builtin.pause", { secnds: 1 }, "secnds"],
    ];
    for (const [module, args, name] of refused) {
      await assertRejects(
        () => checkArguments({ module, args }, fleet),
        BuildError,
        `Cannot run ${module}: it has no option "${name}"`,
      );
    }
    const taken: readonly [string, JsonObject][] = [
      ["template", { src: "a", dest: "/x", mode: "0644", lstrip_blocks: true }],
      ["debug", { var: "x", verbosity: 1 }],
      ["assert", { that: "x", msg: "y", quiet: true }],
      ["reboot", { connect_timeout_sec: 5 }],
      ["set_fact", { anything: 1, cacheable: true }],
      ["add_host", { hostname: "x", color: "red" }],
      ["gather_facts", { gather_subset: "min" }],
      ["include_vars", { file: "x", name: "y" }],
      ["set_stats", { anything: 1 }],
    ];
    for (const [module, args] of taken) {
      await checkArguments({ module, args }, fleet);
    }
  },
});

Deno.test("a secret value that is not a choice is not shown", async () => {
  await withTree(TREE, async (folder) => {
    const sources = { dirs: [`${folder}/modules`] };
    await using fleet = await openHostFleet({ hosts: [], sources });
    const args = { dest: "", state: "hunter2" };
    for (const more of [{ secrets: ["state"] }, { noLog: true }]) {
      await assertRejects(
        () => checkArguments({ module: "make", args, ...more }, fleet),
        BuildError,
        "Cannot run make: state cannot be the given value, only present, absent",
      );
    }
  });
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { BuildError } from "../../../src/errors.ts";
import { readDocumentation } from "../../../src/gate/modules/module_documentation.ts";
import { CORE, type SourceTree, withTree } from "../../support/source_tree.ts";
import { needAnsible } from "../../support/ansible.ts";

const MODULE = `#!/usr/bin/python
DOCUMENTATION = r'''
module: thing
short_description: Make a thing
description: One sentence.
version_added: 1.4
options:
  state:
    description: [What to make of it., "See C(size)."]
    choices: [present, absent]
    default: present
  name:
    required: yes
    type: str
    aliases: [title]
  parts:
    type: list
    elements: dict
    suboptions:
      size: {type: int, default: 3}
  mode:
    description: Ours.
extends_documentation_fragment: files, attrs.flow
notes: [Mind the gap.]
'''
EXAMPLES = '''
- thing:
    name: x
'''
RETURN = '''
path:
  description: Where it is.
  returned: always
  type: str
  sample: /x
'''
from ansible.module_utils.basic import AnsibleModule
`;

const TREE: SourceTree = {
  ...CORE,
  "core/ansible/modules/thing.py": MODULE,
  "core/ansible/plugins/doc_fragments/files.py":
    "class ModuleDocFragment(object):\n    DOCUMENTATION = r'''\noptions:\n" +
    "  mode:\n    type: raw\n    description: Theirs.\n  owner:\n    type: str\n" +
    "notes: [From the fragment.]\n'''\n",
  "core/ansible/plugins/doc_fragments/attrs.py":
    "class ModuleDocFragment:\n    DOCUMENTATION = '''\nattributes:\n" +
    "  check_mode: {description: x}\n'''\n    FLOW = '''\nattributes:\n" +
    "  check_mode: {support: full}\n'''\n",
};

Deno.test("readDocumentation() reads the documentation of Ansible's modules", async () => {
  await withTree(TREE, async (folder) => {
    const doc = await readDocumentation("thing", {
      dirs: [join(folder, "core")],
    });
    assertEquals(doc.summary, "Make a thing");
    assertEquals(doc.description, ["One sentence."]);
    assertEquals(doc.versionAdded, "1.4");
    assertEquals(doc.examples, "- thing:\n    name: x");
    assertEquals(doc.returns, [{
      name: "path",
      type: "str",
      returned: "always",
      description: ["Where it is."],
      sample: "/x",
      values: [],
    }]);
    const [name, state, parts] = doc.parameters;
    assertEquals([name?.name, name?.isRequired], ["name", true]);
    assertEquals(name?.aliases, ["title"]);
    assertEquals(state, {
      name: "state",
      type: "str",
      isRequired: false,
      default: "present",
      choices: ["present", "absent"],
      aliases: [],
      description: ["What to make of it.", "See C(size)."],
      parameters: [],
    });
    assertEquals(parts?.elements, "dict");
    assertEquals(parts?.parameters[0]?.default, 3);
  });
});

Deno.test("readDocumentation() adds fragments, and the module's own words win", async () => {
  await withTree(TREE, async (folder) => {
    const doc = await readDocumentation("thing", {
      dirs: [join(folder, "core")],
    });
    const byName = new Map(doc.parameters.map((each) => [each.name, each]));
    assertEquals(byName.get("mode")?.description, ["Ours."]);
    assertEquals(byName.get("mode")?.type, "raw");
    assert(byName.has("owner"));
    assertEquals(doc.notes, ["From the fragment.", "Mind the gap."]);
    assertEquals(doc.attributes, { check_mode: "full" });
  });
});

Deno.test("readDocumentation() finds a collection's fragments by their full names", async () => {
  const root = "ansible_collections/acme/tools";
  const tree = {
    [`${root}/plugins/modules/make.py`]:
      'DOCUMENTATION = """\nshort_description: Make\n' +
      'extends_documentation_fragment:\n  - acme.tools.auth\n  - acme.tools.auth.more\n"""\n' +
      "from ansible.module_utils.basic import AnsibleModule\n",
    [`${root}/plugins/doc_fragments/auth.py`]:
      "class ModuleDocFragment(object):\n" +
      '    DOCUMENTATION = "options: {token: {type: str}}"\n' +
      '    MORE = "options: {url: {type: str}}"\n',
  };
  await withTree(tree, async (folder) => {
    const doc = await readDocumentation("acme.tools.make", {
      dirs: [],
      collections: [folder],
    });
    assertEquals(doc.parameters.map(({ name }) => name), ["token", "url"]);
  });
});

Deno.test("readDocumentation() reads a native module's signature", async () => {
  const tree = {
    "m/greet.py":
      'def decorate(f):\n    return f\n\n\n@decorate\nasync def main(name, *, greeting: str = "hello",\n' +
      '               times=DEFAULT, check_mode=False, **more) -> dict:\n    """Say hello.\n\n    To whom\n    you like."""\n    return {}\n',
  };
  await withTree(tree, async (folder) => {
    const doc = await readDocumentation("greet", { dirs: [`${folder}/m`] });
    assertEquals(doc.summary, "Say hello.");
    assertEquals(doc.description, ["To whom you like."]);
    assertEquals(
      doc.parameters.map((p) => [p.name, p.type, p.isRequired, p.default]),
      [
        ["name", "any", true, undefined],
        ["greeting", "str", false, "hello"],
        ["times", "any", false, "DEFAULT"],
      ],
    );
  });
});

Deno.test("readDocumentation() reads the YAML file next to a script", async () => {
  const tree = {
    "m/tidy.sh": "#!/bin/sh\necho '{}'\n",
    "m/tidy.yml": "DOCUMENTATION:\n  short_description: Tidy up\n  options:\n" +
      "    deep: {type: bool}\nEXAMPLES: |\n  - tidy:\n",
  };
  await withTree(tree, async (folder) => {
    const doc = await readDocumentation("tidy.sh", { dirs: [`${folder}/m`] });
    assertEquals([doc.summary, doc.kind], ["Tidy up", "script"]);
    assertEquals(doc.parameters[0]?.type, "bool");
  });
});

Deno.test("readDocumentation() marks a module without documentation", async () => {
  await withTree({ "m/mute.sh": "#!/bin/sh\n" }, async (folder) => {
    const doc = await readDocumentation("mute.sh", { dirs: [`${folder}/m`] });
    assertEquals(doc.isDocumented, false);
    assertEquals(doc.parameters, []);
  });
});

Deno.test("readDocumentation() names the file whose documentation is not YAML", async () => {
  const tree = {
    "m/bad.py": 'DOCUMENTATION = "a: [b"\n# WANT_JSON\n',
  };
  await withTree(tree, async (folder) => {
    await assertRejects(
      () => readDocumentation("bad", { dirs: [`${folder}/m`] }),
      BuildError,
      "m/bad.py",
    );
  });
});

const TOO_DEEP = "its YAML is nested more than 100 levels deep";

for (
  const [kind, yaml, reason] of [
    [
      "opens thousands of lists",
      `a: ${"[".repeat(5_000)}`,
      "its YAML is not valid: it is nested too deeply",
    ],
    [
      "opens lists in one line",
      `${"- ".repeat(5_000)}a`,
      "its YAML is not valid: it is nested too deeply",
    ],
    ["nests lists", `${"[".repeat(200)}${"]".repeat(200)}`, TOO_DEEP],
    [
      "nests a key",
      `? ${"[".repeat(200)}${"]".repeat(200)}`,
      "its YAML is not valid in line 1, column 3: a mapping or a list cannot be a key",
    ],
    [
      "contains itself",
      "options: {x: {default: &a [*a]}}",
      "its YAML is not valid in line 1, column 28: the alias *a is inside its own anchor",
    ],
    ["is long", `#${"a".repeat(1024 * 1024)}`, "its YAML is longer than 1 MiB"],
  ] as const
) {
  Deno.test(`readDocumentation() refuses YAML that ${kind}`, async () => {
    const tree = { "m/odd.py": `DOCUMENTATION = """${yaml}"""\n# WANT_JSON\n` };
    await withTree(tree, async (folder) => {
      const error = await assertRejects(
        () => readDocumentation("odd", { dirs: [`${folder}/m`] }),
        BuildError,
      );
      assertEquals(
        error.message,
        `Cannot read the documentation of odd in ${folder}/m/odd.py: ${reason}`,
      );
    });
  });
}

const ansible = needAnsible();

Deno.test({
  name:
    `readDocumentation() reads every module of ansible-core${ansible.suffix}`,
  ignore: ansible.ignore,
  fn: async () => {
    let count = 0;
    for await (const { name } of Deno.readDir(ansible.modules)) {
      if (!name.endsWith(".py") || name.startsWith("_")) continue;
      const doc = await readDocumentation(name.slice(0, -3), {
        dirs: [ansible.modules],
      });
      if (!doc.isDocumented) continue;
      assert(doc.summary !== "", name);
      count++;
    }
    assert(count > 40, `${count} modules`);
  },
});

Deno.test("readDocumentation() reads what is only documentation, and PowerShell's", () =>
  withTree({
    ...CORE,
    "core/ansible/modules/debug.py":
      'DOCUMENTATION = """\nshort_description: Says\n"""\n',
    "lib/win_x.py": 'DOCUMENTATION = """\nshort_description: Wins\n"""\n',
    "lib/win_x.ps1": "#!powershell\n",
  }, async (folder) => {
    const dirs = [`${folder}/lib`, `${folder}/core`];
    const read = async (name: string) => {
      const { kind, summary, fullName } = await readDocumentation(name, {
        dirs,
      });
      return [kind, summary, fullName];
    };
    assertEquals(await read("debug"), [
      "action",
      "Says",
      "ansible.builtin.debug",
    ]);
    assertEquals(await read("win_x"), ["powershell", "Wins", undefined]);
  }));

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { join } from "@std/path";
import { BuildError } from "../../../src/errors.ts";
import {
  type Archive,
  buildBaseGate,
  buildGate,
  buildPack,
  type GateSpec,
} from "../../../src/gate/archive/build_gate.ts";
import { explainArchive } from "../../../src/gate/archive/explain_gate.ts";
import { findModule } from "../../../src/gate/modules/module_finder.ts";
import { runtimeFiles } from "../../../src/gate/format/runtime_files.ts";
import { unpackZip } from "../../../src/gate/format/zipapp.ts";
import {
  CORE,
  type SourceTree,
  withTree,
  writeTree,
} from "../../support/source_tree.ts";

const ACME = "collections/ansible_collections/acme/tools";
const UTILS = `${ACME}/plugins/module_utils`;
const BASIC = "from ansible.module_utils.basic import AnsibleModule\n";
const BASIC_CLOSURE = [
  "ansible/__init__.py",
  "ansible/module_utils/__init__.py",
  "ansible/module_utils/basic.py",
  "ansible/module_utils/common/__init__.py",
  "ansible/module_utils/common/text.py",
];

/** The entries of an archive without the runtime. */
function entriesOf({ manifest }: Archive): string[] {
  return Object.keys(manifest.entries)
    .filter((path) => !runtimeFiles.has(path)).sort();
}

function textOf({ bytes }: Archive, path: string): string {
  return new TextDecoder().decode(unpackZip(bytes).get(path));
}

/** Builds a gate with one module that has this text, next to an ansible-core. */
async function withModule(
  text: string,
  tree: SourceTree,
  test: (gate: Archive, folder: string) => Promise<void> | void,
): Promise<void> {
  await withTree({ ...CORE, ...tree, "lib/mod.py": text }, async (folder) => {
    await test(await buildGate(specIn(folder, ["mod"]), {}), folder);
  });
}

function specIn(folder: string, modules: GateSpec["modules"]): GateSpec {
  return {
    modules,
    dirs: [join(folder, "lib"), join(folder, "core")].filter(isThere),
    collections: [join(folder, "collections")].filter(isThere),
    moduleUtils: [join(folder, "utils")].filter(isThere),
  };
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // a tree without that folder
  }
}

Deno.test("a gate has the runtime, its modules, only the utils that they need, and a manifest of all", () =>
  withTree(CORE, async (folder) => {
    const gate = await buildGate(
      { modules: ["ping"], dirs: [join(folder, "core")] },
      {},
    );
    assertEquals(
      entriesOf(gate),
      [
        ...BASIC_CLOSURE,
        "ansible/modules/__init__.py",
        "ansible/modules/ping.py",
      ].sort(),
    );
    assertEquals(gate.manifest.modules, {
      ping: { path: "ansible/modules/ping.py", kind: "new" },
    });
    const files = unpackZip(gate.bytes);
    for (const path of runtimeFiles.keys()) assert(files.has(path), path);
    assertEquals(
      JSON.parse(new TextDecoder().decode(files.get("manifest.json"))),
      gate.manifest,
    );
    assertEquals(
      textOf(gate, "ansible/__init__.py"),
      '__version__ = "2.99.1"\n',
    );
    assert(gate.built);
    assertEquals(gate.path, null);
  }));

Deno.test("a gate of scripts and native modules has nothing of Ansible", () =>
  withTree({
    ...CORE,
    "lib/tool.sh": "#!/bin/sh\n",
    "lib/own.py": "def main(name):\n    return name\n",
  }, async (folder) => {
    const gate = await buildGate(specIn(folder, ["tool.sh", "own"]), {});
    assertEquals(entriesOf(gate), ["modules/own.py", "modules/tool.sh"]);
    assertEquals(gate.manifest.modules.tool, {
      path: "modules/tool.sh",
      kind: "script",
    });
  }));

Deno.test("a module named as native is one, and may use module utils", () =>
  withTree({
    ...CORE,
    "lib/own.py":
      "from ansible.module_utils.urls import x\n\n\ndef main():\n    pass\n",
  }, async (folder) => {
    const spec = { ...specIn(folder, []), native: ["own"] };
    const gate = await buildGate(spec, {});
    assertEquals(gate.manifest.modules.own?.kind, "native");
    assert(entriesOf(gate).includes("ansible/module_utils/urls.py"));
  }));

Deno.test("the id depends on content alone, not on folders or the order of names", () =>
  withTree(CORE, (one) =>
    withTree(CORE, async (two) => {
      const build = (folder: string, modules: string[]) =>
        buildGate({ modules, dirs: [join(folder, "core")] }, {});
      const first = await build(one, ["ping", "uri"]);
      assertEquals((await build(two, ["uri", "ping", "ping"])).id, first.id);
      await Deno.writeTextFile(
        join(two, "core/ansible/module_utils/common/text.py"),
        "def to_text(other):\n    return other\n",
      );
      assertNotEquals((await build(two, ["ping", "uri"])).id, first.id);
    })));

Deno.test("utils are followed through packages, functions, relative and starred imports, and circles", () =>
  withModule(
    `${BASIC}
from ansible_collections.acme.tools.plugins.module_utils.a import *

def main():
    import ansible.module_utils.pkg.deep.leaf as leaf
`,
    {
      "core/ansible/module_utils/pkg/__init__.py": "from . import sibling\n",
      "core/ansible/module_utils/pkg/sibling.py": "from .deep import NAME\n",
      "core/ansible/module_utils/pkg/unused.py": "",
      "core/ansible/module_utils/pkg/deep/__init__.py": "NAME = 1\n",
      "core/ansible/module_utils/pkg/deep/leaf.py": "from ... import urls\n",
      [`${UTILS}/a.py`]: "from .b import x\n",
      [`${UTILS}/b.py`]: "from ..module_utils import a\nfrom .c.d import e\n",
      [`${UTILS}/c/d.py`]: "",
    },
    (gate) => {
      assertEquals(
        entriesOf(gate).filter((path) =>
          !BASIC_CLOSURE.includes(path) && !path.endsWith("__init__.py")
        ),
        [
          "ansible/legacy/mod.py",
          "ansible/module_utils/pkg/deep/leaf.py",
          "ansible/module_utils/pkg/sibling.py",
          "ansible/module_utils/urls.py",
          "ansible_collections/acme/tools/plugins/module_utils/a.py",
          "ansible_collections/acme/tools/plugins/module_utils/b.py",
          "ansible_collections/acme/tools/plugins/module_utils/c/d.py",
        ],
      );
      assert(
        entriesOf(gate).includes(
          "ansible_collections/acme/tools/plugins/module_utils/c/__init__.py",
        ),
      );
    },
  ));

Deno.test("six.moves is six", () =>
  withModule(
    `${BASIC}from ansible.module_utils.six.moves.urllib.parse import quote\n`,
    {},
    (gate) =>
      assert(entriesOf(gate).includes("ansible/module_utils/six/__init__.py")),
  ));

Deno.test("a missing import is allowed if it may fail; otherwise the error names module, import, file, line and folders", async () => {
  await withModule(
    `${BASIC}try:
    from ansible.module_utils.nope import x
except ImportError:
    x = None
`,
    {},
    (gate) => assertEquals(gate.warnings, []),
  );
  await withTree({
    ...CORE,
    "lib/mod.py": `${BASIC}from ansible.module_utils.nope import x\n`,
  }, async (folder) => {
    await assertRejects(
      () => buildGate(specIn(folder, ["mod"]), {}),
      BuildError,
      `Cannot run module mod: it needs ansible.module_utils.nope (${folder}/lib/mod.py, line 2), which is not in ${folder}/core/ansible/module_utils`,
    );
  });
  await withTree({
    ...CORE,
    "lib/mod.py":
      `${BASIC}from ansible_collections.acme.tools.plugins.module_utils.x import y\n`,
  }, async (folder) => {
    await assertRejects(
      () => buildGate(specIn(folder, ["mod"]), {}),
      BuildError,
      "and no folder that could have it is set",
    );
  });
});

Deno.test("a util that is too long to parse breaks the modules that need it, and no others", () =>
  withTree({
    ...CORE,
    "m/good.py": BASIC,
    "m/one.py": `${BASIC}from ansible.module_utils.huge import x\n`,
    "m/two.py": `${BASIC}from ansible.module_utils.huge import y\n`,
    "utils/huge.py": `from . import z\n#${"a".repeat(2 * 1024 * 1024)}\n`,
  }, async (folder) => {
    const { manifest, skipped } = await buildGate({
      modules: "all",
      dirs: [join(folder, "m"), join(folder, "core")],
      moduleUtils: [join(folder, "utils")],
    }, {});
    assert("good" in manifest.modules);
    const reason =
      `contains ${folder}/utils/huge.py, which cannot be parsed: ` +
      "it is longer than 2 MiB";
    assertEquals([skipped.one, skipped.two], [reason, reason]);
  }));

Deno.test("folders named with --module-utils come before ansible-core's", () =>
  withModule(
    `${BASIC}from ansible.module_utils.mine import x\n`,
    {
      "utils/mine.py": "from ansible.module_utils.common.text import y\n",
      "utils/common/text.py": "# mine\n",
    },
    (gate) => {
      assertEquals(
        textOf(gate, "ansible/module_utils/common/text.py"),
        "# mine\n",
      );
      assertEquals(textOf(gate, "ansible/module_utils/common/__init__.py"), "");
    },
  ));

Deno.test("a util that has moved is replaced by the one that it moved to", () =>
  withModule(
    `${BASIC}from ansible.module_utils.old.name import x
from ansible_collections.acme.tools.plugins.module_utils.was import y
`,
    {
      "core/ansible/config/ansible_builtin_runtime.yml":
        "plugin_routing:\n  module_utils:\n    old.name:\n      redirect: acme.tools.new\n",
      [`${ACME}/meta/runtime.yml`]:
        "plugin_routing:\n  module_utils:\n    was:\n      redirect: acme.tools.new\n      deprecation:\n        warning_text: Use new.\n",
      [`${UTILS}/new.py`]: "from . import inner\nx = y = 1\n",
      [`${UTILS}/inner.py`]: "",
    },
    (gate) => {
      const target = "ansible_collections.acme.tools.plugins.module_utils.new";
      for (
        const path of [
          "ansible/module_utils/old/name.py",
          "ansible_collections/acme/tools/plugins/module_utils/was.py",
        ]
      ) assert(textOf(gate, path).includes(target), path);
      assert(
        entriesOf(gate).includes(
          "ansible_collections/acme/tools/plugins/module_utils/inner.py",
        ),
      );
      assertEquals(gate.warnings, [
        "ansible_collections.acme.tools.plugins.module_utils.was is deprecated: Use new.",
      ]);
    },
  ));

Deno.test("a util that was removed is missing, with the reason from routing", () =>
  withTree({
    ...CORE,
    "core/ansible/config/ansible_builtin_runtime.yml":
      "plugin_routing:\n  module_utils:\n    gone:\n      tombstone:\n        warning_text: Nobody needs it\n",
    "lib/mod.py": `${BASIC}from ansible.module_utils.gone import x\n`,
  }, async (folder) => {
    await assertRejects(
      () => buildGate(specIn(folder, ["mod"]), {}),
      BuildError,
      "line 2), Nobody needs it",
    );
  }));

Deno.test("basic includes the modules that ansible-core imports by computed names", () =>
  withModule(BASIC, {
    "core/ansible/module_utils/_internal/_json/_profiles/_module_legacy_c2m.py":
      "",
    "core/ansible/module_utils/_internal/_json/_profiles/_module_legacy_m2c.py":
      "",
    "core/ansible/module_utils/_internal/_json/_profiles/_module_modern_m2c.py":
      "",
    "core/ansible/module_utils/_internal/_ansiballz/_loader.py": "",
  }, (gate) => {
    assertEquals(
      entriesOf(gate).filter((path) => /_internal.*[a-z]\.py$/.test(path)),
      [
        "ansible/module_utils/_internal/_ansiballz/_loader.py",
        "ansible/module_utils/_internal/_json/_profiles/_module_legacy_c2m.py",
        "ansible/module_utils/_internal/_json/_profiles/_module_legacy_m2c.py",
      ],
    );
  }));

Deno.test("embedded files are included", () =>
  withTree({
    ...CORE,
    "core/ansible/module_utils/embed.py": "class EmbedManager:\n    pass\n",
    "core/ansible/module_utils/_embed/__init__.py": "",
    "core/ansible/module_utils/_embed/tool.sh": "#!/bin/sh\n",
    "core/ansible/modules/emb.py":
      `${BASIC}from ansible.module_utils.embed import EmbedManager\n\ntool = EmbedManager.embed("..module_utils._embed", "tool.sh")\n`,
  }, async (folder) => {
    const gate = await buildGate(specInCore(folder, ["emb"]), {});
    assertEquals(
      textOf(gate, "ansible/module_utils/_embed/tool.sh"),
      "#!/bin/sh\n",
    );
  }));

function specInCore(folder: string, modules: GateSpec["modules"]): GateSpec {
  return { modules, dirs: [join(folder, "core")] };
}

Deno.test("all means the modules that can run; others are left out with the reason", () =>
  withTree({
    ...CORE,
    "core/ansible/modules/broken.py":
      `${BASIC}from ansible.module_utils.nope import x\n`,
    "core/ansible/modules/validate_argument_spec.py":
      'DOCUMENTATION = """x"""\n',
  }, async (folder) => {
    // debug.py is only documentation too, but ftl's action needs no module.
    const gate = await buildGate(specInCore(folder, "all"), {});
    assertEquals(Object.keys(gate.manifest.modules), ["ping", "uri"]);
    assertEquals(gate.skipped, {
      broken:
        `needs ansible.module_utils.nope (${folder}/core/ansible/modules/broken.py, line 2), which is not in ${folder}/core/ansible/module_utils`,
      validate_argument_spec:
        "is only the documentation of an action plugin, which Ansible runs on the controller",
    });
    assert(!entriesOf(gate).includes("ansible/modules/broken.py"));
  }));

Deno.test("two modules of one name cannot be in one gate unless they are the same", () =>
  withTree({
    "a/x.py": "print(1)\n",
    "b/x.py": "print(2)\n",
    "c/x.py": "print(1)\n",
  }, async (folder) => {
    const build = (...names: string[]) =>
      buildGate(
        { modules: names.map((name) => join(folder, name)), dirs: [] },
        {},
      );
    await build("a/x.py", "c/x.py");
    await assertRejects(
      () => build("a/x.py", "b/x.py"),
      BuildError,
      `two different modules named x: one is ${folder}/b/x.py`,
    );
  }));

Deno.test("a module may have the name of a member of Object", () =>
  withTree({ "lib/constructor.py": "print(1)\n" }, async (folder) => {
    const gate = await buildGate(specIn(folder, ["constructor"]), {});
    assert(Object.hasOwn(gate.manifest.modules, "constructor"));
  }));

Deno.test("the manifest names the parameters that a module or its utils want masked", () =>
  withTree(CORE, async (folder) => {
    const gate = await buildGate(specInCore(folder, ["ping", "uri"]), {});
    assertEquals(gate.manifest.modules.ping?.secrets, undefined);
    assertEquals(gate.manifest.modules.uri?.secrets, ["url_password"]);
  }));

Deno.test("why names the importers of each util, and can be computed from the gate alone", () =>
  withTree({
    ...CORE,
    "lib/mod.py":
      `${BASIC}from ansible_collections.acme.tools.plugins.module_utils.a import b\n`,
    [`${UTILS}/a.py`]: "from ansible.module_utils.six import PY3\n",
  }, async (folder) => {
    const gate = await buildGate(specIn(folder, ["mod", "ping"]), {});
    assertEquals(gate.why["ansible/module_utils/basic.py"], [
      "ansible/legacy/mod.py",
      "ansible/modules/ping.py",
    ]);
    assertEquals(gate.why["ansible/module_utils/six/__init__.py"], [
      "ansible_collections/acme/tools/plugins/module_utils/a.py",
    ]);
    const told = await explainArchive(gate);
    for (const [path, importers] of Object.entries(gate.why)) {
      assertEquals(told[path], importers, path);
    }
  }));

Deno.test("the base gate has the utils of every new-style module, when the sources have them", () =>
  withTree(CORE, async (folder) => {
    const sources = { dirs: [join(folder, "core")] };
    const base = await buildBaseGate({ sources });
    assertEquals(entriesOf(base), BASIC_CLOSURE);
    assertEquals(base.manifest.modules, {});
    assertEquals(entriesOf(await buildBaseGate({})), []);
  }));

Deno.test("a pack has a module and only the utils that the gate lacks", () =>
  withTree(CORE, async (folder) => {
    const sources = { dirs: [join(folder, "core")] };
    const uri = await findModule("uri", sources);
    const base = await buildBaseGate({ sources });
    const pack = await buildPack(uri, base, { sources });
    assertEquals(entriesOf(pack), [
      "ansible/module_utils/six/__init__.py",
      "ansible/module_utils/urls.py",
      "ansible/modules/__init__.py",
      "ansible/modules/uri.py",
    ]);
    assert(!unpackZip(pack.bytes).has("__main__.py"));
    const bare = await buildPack(uri, await buildBaseGate({}), { sources });
    assert(entriesOf(bare).includes("ansible/module_utils/basic.py"));
  }));

Deno.test("a module named by its path uses the ansible-core that contains it", () =>
  withTree(CORE, async (folder) => {
    const path = join(folder, "core/ansible/modules/ping.py");
    const module = await findModule(path, { dirs: [] });
    const pack = await buildPack(module, await buildBaseGate({}), {});
    assert(entriesOf(pack).includes("ansible/module_utils/basic.py"));
    const gate = await buildGate({ modules: [path], dirs: [] }, {});
    assert(entriesOf(gate).includes("ansible/module_utils/basic.py"));
  }));

Deno.test("a pack is refused when utils have changed since the gate was built", () =>
  withTree(CORE, async (folder) => {
    const sources = { dirs: [join(folder, "core")] };
    const base = await buildBaseGate({ sources });
    const ping = await findModule("ping", sources);
    await writeTree(folder, {
      "core/ansible/module_utils/common/text.py": "# edited\n",
    });
    await assertRejects(
      () => buildPack(ping, base, { sources }),
      BuildError,
      "ansible/module_utils/common/text.py has changed since it was built",
    );
  }));

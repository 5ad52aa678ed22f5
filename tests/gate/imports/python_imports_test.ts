import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { readFacts } from "../../../src/gate/imports/python_imports.ts";
import { needAnsible, runPython } from "../../support/ansible.ts";

const ansible = needAnsible();

function importsOf(text: string): [string, string[]][] {
  return readFacts(text).imports.map((
    { module, names },
  ) => [module, [...names]]);
}

Deno.test("readFacts() finds every way to write an import of module utils", () => {
  assertEquals(
    importsOf(`
import os, ansible.module_utils.a.b as b, sys
import ansible.module_utils . spaced
from ansible.module_utils.c import D, e as f
from ansible.module_utils.g import (  # why
    h,
    i as j,  # because
)
from ansible.module_utils.k import *
from ansible.module_utils import l, \\
    m
from ..module_utils.n import o; from . import p
from .... import q
from ansible_collections.acme.tools.plugins.module_utils.r import s
x = 1; import ansible.module_utils.t
`),
    [
      ["ansible.module_utils.a.b", []],
      ["ansible.module_utils.spaced", []],
      ["ansible.module_utils.c", ["D", "e"]],
      ["ansible.module_utils.g", ["h", "i"]],
      ["ansible.module_utils.k", ["*"]],
      ["ansible.module_utils", ["l", "m"]],
      ["..module_utils.n", ["o"]],
      [".", ["p"]],
      ["....", ["q"]],
      ["ansible_collections.acme.tools.plugins.module_utils.r", ["s"]],
      ["ansible.module_utils.t", []],
    ],
  );
});

Deno.test("readFacts() finds an import that is not the first of its line", () => {
  assertEquals(importsOf("import os, ansible.module_utils.a\n"), [
    ["ansible.module_utils.a", []],
  ]);
  assertEquals(importsOf("from.a import b\n"), [[".a", ["b"]]]);
});

Deno.test("readFacts() leaves out other packages, and text that only looks like an import", () => {
  assertEquals(
    importsOf(`
"""
from ansible.module_utils.a import b
"""
# from ansible.module_utils.a import b
TEXT = 'import ansible.module_utils.a'
import ansible.release
import ansible_other.x
from ansible import constants
from importlib import import_module
from ansible.module_utils_other import c
`),
    [],
  );
});

Deno.test("readFacts() looks into functions, classes and blocks, and marks imports that may fail", () => {
  const { imports } = readFacts(`
from ansible.module_utils.a import a
def f():
    from ansible.module_utils.b import b
    try:
        from ansible.module_utils.c import c
    except ImportError:
        from ansible.module_utils.d import d
    else:
        from ansible.module_utils.e import e
if PY2:
    class C:
        from ansible.module_utils.f import f
with x:
    from ansible.module_utils.g import g
`);
  assertEquals(
    imports.map(({ module, line, guarded }) => [
      module.at(-1),
      line,
      guarded,
    ]),
    [
      ["a", 2, false],
      ["b", 4, false],
      ["c", 6, true],
      ["d", 8, true],
      ["e", 10, true],
      ["f", 13, true],
      ["g", 15, false],
    ],
  );
});

Deno.test("readFacts() leaves out imports for type checkers, not those next to them", () => {
  assertEquals(
    importsOf(`
if TYPE_CHECKING:
    from ansible.module_utils.a import a
    if other:
        from ansible.module_utils.b import b
else:
    from ansible.module_utils.c import c
if typing.TYPE_CHECKING:
    from ansible.module_utils.d import d
elif other:
    from ansible.module_utils.e import e
if not TYPE_CHECKING:
    from ansible.module_utils.f import f
`).map(([module]) => module.at(-1)),
    ["c", "e", "f"],
  );
});

Deno.test("readFacts() finds imports after code that Python 3 does not parse", () => {
  assertEquals(
    importsOf(`
print "a", 0777
exec "b" in {}
raise E, "c"
from ansible.module_utils.d import d
`),
    [["ansible.module_utils.d", ["d"]]],
  );
});

Deno.test("readFacts() finds parameters to mask, wherever a spec is written", () => {
  const { secrets } = readFacts(`
spec = dict(
    by_call=dict(type="str", no_log=True, aliases=["alias", 'other']),
    by_braces={"no_log": True, "aliases": ("tuple",)},
    not_this=dict(no_log=False),
    nor_this=dict(type="str"),
    nested=dict(type="dict", options=dict(inner=dict(no_log=True))),
    **{"in_braces": dict(no_log=True), u"prefixed": {'no_log': True}},
)
spec["assigned"] = dict(no_log=True)
spec.update(updated=dict(no_log=True))
variable = dict(no_log=True)
computed = dict(name=make(no_log=maybe))
`);
  assertEquals([...secrets], [
    "alias",
    "assigned",
    "by_braces",
    "by_call",
    "in_braces",
    "inner",
    "other",
    "prefixed",
    "tuple",
    "updated",
  ]);
});

Deno.test("readFacts() finds parameters to show, whatever their names are", () => {
  const { secrets, unmasked } = readFacts(`
spec = dict(
    password_policy=dict(no_log=False, aliases=["pass_policy"]),
    update_password={"no_log": False},
    both=dict(no_log=False),
    password=dict(type="str"),
)
other = dict(both=dict(no_log=True))
`);
  assertEquals([...unmasked], [
    "pass_policy",
    "password_policy",
    "update_password",
  ]);
  assertEquals([...secrets], ["both"]);
});

Deno.test("readFacts() finds embedded files where embedding is imported, and only there", () => {
  const call = `x = EmbedManager.embed("..module_utils._embed", 'x.py')\n`;
  assertEquals(
    readFacts(`from ansible.module_utils.embed import EmbedManager\n${call}`)
      .embeds,
    [["..module_utils._embed", "x.py"]],
  );
  assertEquals(readFacts(`import ansible.module_utils.x\n${call}`).embeds, []);
});

Deno.test({
  name:
    `readFacts() agrees with CPython on all of ansible-core${ansible.suffix}`,
  ignore: ansible.ignore,
  fn: async () => {
    const files = [
      ...await pythonFiles(join(ansible.path, "modules")),
      ...await pythonFiles(join(ansible.path, "module_utils")),
    ];
    assert(files.length > 100);
    const expected = await runPython(
      ansible.python,
      new URL("imports_by_ast.py", import.meta.url),
      files.join("\n"),
    ) as Record<string, unknown[]>;
    for (const file of files) {
      const { imports } = readFacts(await Deno.readTextFile(file));
      assertEquals(
        imports.map(({ module, names, line, guarded }) => [
          module,
          names,
          line,
          guarded,
        ]),
        expected[file],
        file.slice(dirname(ansible.path).length),
      );
    }
  },
});

async function pythonFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) files.push(...await pythonFiles(path));
    else if (name.endsWith(".py")) files.push(path);
  }
  return files;
}

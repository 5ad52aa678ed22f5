import { assertEquals } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import { checkPythonImports } from "../../../scripts/house/python_imports.ts";
import { listFiles } from "../../../scripts/house/read_imports.ts";

const FOLDER = "src/gate/runtime/ftl_gate";

for (
  const [kind, statement] of [
    ["a static import", "from .a import name\n"],
    ["an import of a file from the package", "from . import os, a\n"],
    [
      "an import in parentheses",
      "from . import (\n    b as c,  # a\n    a,\n)\n",
    ],
    ["an import by the package's name", "from ftl_gate import a\n"],
    ["an import of a name by the package's name", "from ftl_gate.a import x\n"],
    ["a plain import", "import os, ftl_gate.a as other\n"],
    ["an import inside a function", "def f():\n    from . import a\n"],
    [
      "an import inside a method's branch",
      "class C:\n    def f(self):\n        if self:\n            from .a import x\n",
    ],
  ] as const
) {
  Deno.test(`checkPythonImports() sees ${kind}`, async () => {
    const messages = await check({
      "a.py": "import os\nfrom .b import f\n",
      "b.py": `import sys\n${statement}`,
    });
    assertEquals(messages, [
      `${FOLDER}/a.py: Files import each other in a circle: ` +
      `${FOLDER}/a.py > ${FOLDER}/b.py > ${FOLDER}/a.py`,
    ]);
  });
}

Deno.test("checkPythonImports() names a circle of three files", async () => {
  const messages = await check({
    "a.py": "from . import b\n",
    "b.py": "from . import c\n",
    "c.py": "def f():\n    from .a import g\n",
  });
  assertEquals(messages, [
    `${FOLDER}/a.py: Files import each other in a circle: ` +
    `${FOLDER}/a.py > ${FOLDER}/b.py > ${FOLDER}/c.py > ${FOLDER}/a.py`,
  ]);
});

Deno.test("checkPythonImports() finds nothing where imports form no circle", async () => {
  const messages = await check({
    "__init__.py": "",
    "a.py": "from . import b, c\nimport json\n",
    "b.py":
      "# from . import a\nfrom .c import name\nTEXT = 'from . import a'\n",
    "c.py": '"""\nfrom . import a\n"""\nimport a\nname = 1\n',
  });
  assertEquals(messages, []);
});

Deno.test("the files of the gate's runtime import each other in no circle", async () => {
  const root = fromFileUrl(new URL("../../..", import.meta.url));
  assertEquals(
    await checkPythonImports(root, await listFiles(root, "src")),
    [],
  );
});

async function check(files: Record<string, string>): Promise<string[]> {
  const root = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(root, FOLDER, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    return await checkPythonImports(root, await listFiles(root, "src"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

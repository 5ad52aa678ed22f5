import { assertEquals } from "@std/assert";
import { lintPython } from "../../scripts/lint_python.ts";

Deno.test("lintPython() finds nothing in correct text", () => {
  const text = 'import os\n\nprint("%s" % os.name)\n';
  assertEquals(lintPython(text), { findings: [], formatted: text });
});

Deno.test("lintPython() reports where a rule is broken, and formats the text", () => {
  const { findings, formatted } = lintPython("import os\n\nx = {  1:2}\n");
  assertEquals(findings, [
    { line: 1, column: 8, message: "`os` imported but unused (F401)" },
  ]);
  assertEquals(formatted, "import os\n\nx = {1: 2}\n");
});

Deno.test("lintPython() reports invalid syntax, and does not format it", () => {
  const { findings, formatted } = lintPython("def f(:\n");
  assertEquals(findings[0]?.line, 1);
  assertEquals(formatted, null);
});

Deno.test("lintPython() refuses syntax that is newer than 3.7", () => {
  const { findings } = lintPython("if (n := 3):\n    print(n)\n");
  assertEquals(findings.length, 1);
});

Deno.test("lintPython() does not ask for 3.7's arguments of subprocess", () => {
  const text = "import subprocess\n\nsubprocess.run(\n" +
    '    ["ls"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True\n)\n';
  assertEquals(lintPython(text).findings, []);
});

Deno.test("lintPython() accepts old syntax in files for any Python", () => {
  const text = 'print("{}".format(1))\n';
  assertEquals(lintPython(text).findings.length, 1);
  assertEquals(lintPython(text, { anyPython: true }).findings, []);
});

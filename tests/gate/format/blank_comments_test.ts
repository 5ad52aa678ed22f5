import { assert, assertEquals } from "@std/assert";
import { blankComments } from "../../../src/gate/format/blank_comments.ts";
import { runtimeFiles } from "../../../src/gate/format/runtime_files.ts";
import { runPython } from "../../support/ansible.ts";

const FOLDER = new URL("../../../src/gate/runtime/", import.meta.url);

Deno.test("blankComments() leaves an empty line for each line of comment", () => {
  assertEquals(
    blankComments("# a\nx = 1  # b\n    # c\n\t#\ny = '#'\n#"),
    "\nx = 1  # b\n\n\ny = '#'\n",
  );
});

Deno.test("the runtime without comments is the same program, line by line", async () => {
  const paths = ["bootstrap.py", ...runtimeFiles.keys()];
  const pairs = await Promise.all(paths.map(async (path) => {
    const text = await Deno.readTextFile(new URL(path, FOLDER));
    return [text, runtimeFiles.get(path) ?? blankComments(text)] as const;
  }));
  assert(pairs.some(([before, after]) => before !== after));
  const script = new URL("same_syntax.py", import.meta.url);
  const same = await runPython("python3", script, JSON.stringify(pairs));
  assertEquals(
    paths.filter((_, index) => (same as boolean[])[index] === false),
    [],
  );
});

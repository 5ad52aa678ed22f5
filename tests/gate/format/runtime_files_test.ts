import { assertEquals } from "@std/assert";
import { blankComments } from "../../../src/gate/format/blank_comments.ts";
import { runtimeFiles } from "../../../src/gate/format/runtime_files.ts";

const FOLDER = new URL("../../../src/gate/runtime/", import.meta.url);
/** Sent before the archive when a gate is opened. */
const SENT = ["bootstrap.py", "stage.py"];

async function pythonFiles(folder: URL, prefix = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && name !== "__pycache__") {
      const below = new URL(`${name}/`, folder);
      files.push(...await pythonFiles(below, `${prefix}${name}/`));
    } else if (name.endsWith(".py")) {
      files.push(prefix + name);
    }
  }
  return files;
}

/** Sent in a pack of its own, where jobs are used. */
const PACKED = /^jobs\//;

Deno.test("runtimeFiles has every Python file of the runtime that is not sent apart", async () => {
  const files = await pythonFiles(FOLDER);
  assertEquals(
    files.filter((file) => !SENT.includes(file) && !PACKED.test(file)).sort(),
    [...runtimeFiles.keys()].sort(),
  );
});

Deno.test("runtimeFiles has each file's text, without comments, under its own path", async () => {
  for (const [path, text] of runtimeFiles) {
    const source = await Deno.readTextFile(new URL(path, FOLDER));
    assertEquals(text, blankComments(source), path);
  }
});

import { assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { buildIdOf } from "../../../src/core/workers/build_id.ts";
import { inFolder } from "../../support/in_folder.ts";

/** Writes a small checkout; `changes` are other texts of its files. */
async function checkout(
  folder: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<string> {
  const files = {
    "main.ts": "import './src/a.ts';",
    "deno.lock": "{}",
    "src/a.ts": "import './deep/b.py' with { type: 'text' };",
    "src/deep/b.py": "b = 1",
    ...changes,
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(join(folder, name, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, name), text);
  }
  return await buildIdOf(join(folder, "main.ts"));
}

Deno.test("equal sources are one build, wherever they are", () =>
  inFolder(async (dir) => {
    const id = await checkout(join(dir, "one"));
    assertEquals(await checkout(join(dir, "two")), id);
    // Not sources: they come and go while people edit or test.
    const beside = {
      "README.md": "x",
      "tests/a_test.ts": "x",
      "src/.a.ts.swp": "x",
      "src/deep/__pycache__/b.cpython-311.pyc": "x",
    };
    assertEquals(await checkout(join(dir, "three"), beside), id);
  }));

Deno.test("any other source is another build", () =>
  inFolder(async (dir) => {
    const changes: Record<string, string>[] = [
      {},
      { "main.ts": "import './src/a.ts'; " },
      { "src/deep/b.py": "b = 2" },
      { "src/deep/c.py": "" },
      { "deno.lock": '{"version": "5"}' },
      { "src/a.ts": "", "src/aa.ts": "import './deep/b.py';" },
    ];
    const ids = new Set<string>();
    for (const [i, change] of changes.entries()) {
      ids.add(await checkout(join(dir, String(i)), change));
    }
    assertEquals(ids.size, changes.length);
  }));

Deno.test("a bundle is identified by its main file", () =>
  inFolder(async (dir) => {
    const main = join(dir, "main.js");
    await checkout(dir);
    await Deno.writeTextFile(main, "1");
    const id = await buildIdOf(main);
    await checkout(dir, { "src/a.ts": "" });
    assertEquals(await buildIdOf(main), id);
    await Deno.writeTextFile(main, "2");
    assertNotEquals(await buildIdOf(main), id);
  }));

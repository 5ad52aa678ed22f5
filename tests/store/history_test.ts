import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { BuildError } from "../../src/errors.ts";
import { openHistory } from "../../src/store/history.ts";

async function withHome(test: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "ftl-history-" });
  try {
    await test(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("the history returns lines newest first, each once, with newlines", async () => {
  await withHome(async (home) => {
    const history = await openHistory(home);
    assertEquals(history.lines, []);
    for (const line of ["ping", "copy content='a\nb'", "ping", "!ls"]) {
      await history.add(line);
    }
    const again = await openHistory(home);
    assertEquals(again.lines, ["!ls", "ping", "copy content='a\nb'"]);
  });
});

Deno.test("only its owner can read the history", async () => {
  await withHome(async (home) => {
    await (await openHistory(home)).add("ping");
    const { mode } = await Deno.stat(join(home, "history"));
    assertEquals((mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test("two sessions add to one history", async () => {
  await withHome(async (home) => {
    const [a, b] = [await openHistory(home), await openHistory(home)];
    await a.add("one");
    await b.add("two");
    await a.add("three");
    assertEquals((await openHistory(home)).lines, ["three", "two", "one"]);
  });
});

Deno.test("a damaged line is skipped, and a long history is truncated", async () => {
  await withHome(async (home) => {
    const path = join(home, "history");
    const lines = Array.from({ length: 5000 }, (_, i) => `"line ${i}"\n`);
    await Deno.writeTextFile(path, lines.join("") + '"half\n');
    const { lines: kept } = await openHistory(home);
    assertEquals(kept.length, 1999);
    assertEquals(kept[0], "line 4999");
    const text = await Deno.readTextFile(path);
    assertEquals(text.split("\n").length, 2001);
  });
});

Deno.test("a history that cannot be read or written is an error with its path", async () => {
  await withHome(async (home) => {
    const history = await openHistory(home);
    const path = join(home, "history");
    await Deno.mkdir(path);
    for (const act of [() => history.add("ping"), () => openHistory(home)]) {
      const error = await assertRejects(act, BuildError);
      assertStringIncludes(
        error.message,
        `Cannot keep the history in ${path}: `,
      );
    }
  });
});

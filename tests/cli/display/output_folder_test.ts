import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { createOutputFolder } from "../../../src/cli/display/output_folder.ts";
import type { RunEvent } from "../../../src/core/call/run_event.ts";
import { need } from "../../support/need.ts";

const root = need("root", Deno.uid() === 0 ? "/" : undefined);

const RESULT = {
  event: "result",
  host: "web1",
  status: "ok",
  result: {},
} as unknown as RunEvent;

Deno.test("createOutputFolder() writes private files, and follows no link", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const output = join(folder, "results");
    const sink = createOutputFolder(output);
    sink.event(RESULT);
    await sink.finish();
    const file = join(output, "web1.json");
    assertEquals((await Deno.stat(output)).mode! & 0o777, 0o700);
    assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);

    await Deno.remove(file);
    await Deno.writeTextFile(join(folder, "victim"), "mine");
    await Deno.symlink("../../victim", file);
    sink.event(RESULT);
    await assertRejects(
      async () => await sink.finish(),
      Error,
      `Cannot write all results to ${output}: it is a link`,
    );
    assertEquals(await Deno.readTextFile(join(folder, "victim")), "mine");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: `createOutputFolder() refuses a folder of another user${root.suffix}`,
  ignore: root.ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.chown(folder, 4242, 4242);
      assertThrows(
        () => createOutputFolder(folder),
        Error,
        `Cannot write results to ${folder}: the folder ${folder} belongs to user 4242`,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("createOutputFolder() writes plain lines, beside JSON or alone", async () => {
  const folder = await Deno.makeTempDir();
  const result = {
    ...RESULT,
    host: "a/b",
    result: { stdout: "one\ntwo\n" },
  } as unknown as RunEvent;
  try {
    for (
      const [format, names] of [
        ["text", ["a%2Fb.txt"]],
        ["both", ["a%2Fb.json", "a%2Fb.txt"]],
      ] as const
    ) {
      const output = join(folder, format);
      const sink = createOutputFolder(output, format);
      sink.event(result);
      await sink.finish();
      const files = await Array.fromAsync(Deno.readDir(output));
      assertEquals(files.map(({ name }) => name).sort(), [...names]);
      assertEquals(
        await Deno.readTextFile(join(output, "a%2Fb.txt")),
        "one\ntwo\n",
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

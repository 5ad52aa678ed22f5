import { assert, assertEquals } from "@std/assert";
import {
  deflate,
  packZip,
  unpackZip,
} from "../../../src/gate/format/zipapp.ts";
import { needProgram } from "../../support/need.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const ENTRIES = new Map([
  ["__main__.py", encode('import b.c\nprint("main", b.c.NAME)\n')],
  ["b/__init__.py", encode("")],
  ["b/c.py", encode(`NAME = "${"c".repeat(5000)}"[0]\n`)],
]);
const python = needProgram("python3");

Deno.test("packZip() returns the same bytes for any order of entries and any time zone", async () => {
  const reversed = new Map([...ENTRIES].reverse());
  const expected = packZip(ENTRIES, { main: true });
  assertEquals(packZip(reversed, { main: true }), expected);

  const script = `
    import { packZip } from ${
    JSON.stringify(
      new URL("../../../src/gate/format/zipapp.ts", import.meta.url),
    )
  };
    const bytes = packZip(new Map([["a", new Uint8Array(9)]]));
    Deno.stdout.writeSync(bytes);`;
  const outputs = await Promise.all(
    ["Pacific/Kiritimati", "America/Los_Angeles"].map(async (TZ) => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["eval", script],
        env: { TZ },
        stderr: "inherit",
      }).output();
      return stdout;
    }),
  );
  assert(outputs[0]!.length > 0);
  assertEquals(outputs[0], outputs[1]);
});

Deno.test("unpackZip() returns the entries of packZip(), with or without #!", () => {
  for (const main of [true, false]) {
    assertEquals(
      new Map([...unpackZip(packZip(ENTRIES, { main }))].sort()),
      ENTRIES,
    );
  }
});

Deno.test({
  name:
    `a packed zipapp runs, and its offsets count from its start${python.suffix}`,
  ignore: python.ignore,
  fn: async () => {
    const path = await Deno.makeTempFile({ suffix: ".pyz" });
    try {
      const bytes = packZip(ENTRIES, { main: true });
      await Deno.writeFile(path, bytes);
      const run = (...args: string[]) =>
        new Deno.Command(python.path, { args }).output();
      const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      assertEquals(decode((await run(path)).stdout), "main c\n");
      // zipfile accepts offsets without the head, and reports the difference here.
      const concat = await run(
        "-c",
        "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.infolist()[0].header_offset)",
        path,
      );
      assertEquals(
        decode(concat.stdout),
        `None ${encode("#!/usr/bin/env python3\n").length}\n`,
      );
    } finally {
      await Deno.remove(path);
    }
  },
});

Deno.test("deflate() writes the zlib format", async () => {
  const text = "gate ".repeat(1000);
  const stream = new Blob([deflate(encode(text)) as Uint8Array<ArrayBuffer>])
    .stream().pipeThrough(new DecompressionStream("deflate"));
  assertEquals(await new Response(stream).text(), text);
});

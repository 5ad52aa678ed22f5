import { assertEquals, assertThrows } from "@std/assert";
import { packTar, type TarFile } from "../../../scripts/compile/tar.ts";
import { run } from "../../../scripts/compile/targets.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("packTar() makes what tar unpacks, with modes, and with bodies of any length", async () => {
  const files = new Map<string, TarFile>([
    ["b/deep/er.txt", { content: encode("x".repeat(1025)) }],
    ["a", { content: encode("#!/bin/sh\n"), executable: true }],
    ["b/empty", { content: encode("") }],
    ["b/full", { content: encode("y".repeat(512)) }],
  ]);
  const folder = await Deno.makeTempDir();
  await Deno.writeFile(`${folder}/all.tar`, packTar(files));
  await run("tar", ["-xf", `${folder}/all.tar`, "-C", folder]);
  for (const [path, { content, executable = false }] of files) {
    assertEquals(await Deno.readFile(`${folder}/${path}`), content, path);
    const { mode, mtime } = await Deno.stat(`${folder}/${path}`);
    assertEquals(mode! & 0o777, executable ? 0o700 : 0o600, path);
    assertEquals(mtime?.getTime(), 0, path);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("packTar() makes the same of the same files, whatever their order", () => {
  const [a, b] = [{ content: encode("a") }, { content: encode("b") }];
  assertEquals(
    packTar(new Map([["a", a], ["b", b]])),
    packTar(new Map([["b", b], ["a", a]])),
  );
});

Deno.test("packTar() refuses a path that is too long", () => {
  const files = new Map([["x".repeat(101), { content: encode("") }]]);
  assertThrows(() => packTar(files), RangeError, "is too long");
});

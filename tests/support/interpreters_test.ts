import { assertEquals } from "@std/assert";
import { interpreters } from "./interpreters.ts";

Deno.test("interpreters() have the version they claim, one per version", () => {
  const versions = interpreters().map(({ path }) => {
    const { stdout, stderr } = new Deno.Command(path, { args: ["-V"] })
      .outputSync();
    const text = new TextDecoder();
    return text.decode(stdout) + text.decode(stderr); // 2.7 writes to stderr
  });
  assertEquals(
    versions.map((text) => /^Python (\d+\.\d+)/.exec(text)?.[1]),
    interpreters().map(({ version }) => version),
  );
  assertEquals(new Set(versions).size, versions.length);
});

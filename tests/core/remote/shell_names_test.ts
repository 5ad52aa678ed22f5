import { assertEquals, assertLess } from "@std/assert";
import { word } from "../../../src/core/remote/shell_names.ts";

Deno.test("word() is the name again for sh", async () => {
  for (const name of ["a b'c", "\n", "x\n\n", "\nx", "ü\x01\n;id\n"]) {
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", `nl='\n';printf '%s.' ${word(name)}`],
    }).output();
    assertEquals(new TextDecoder().decode(stdout), `${name}.`);
  }
});

Deno.test("word() takes time that grows with the name, whatever it holds", () => {
  const began = performance.now();
  word("\n".repeat(200_000) + "x");
  assertLess(performance.now() - began, 10_000);
});

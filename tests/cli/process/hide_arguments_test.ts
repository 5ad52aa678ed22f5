import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";

const FAILING = fromFileUrl(
  new URL("../../fixtures/process/failing.ts", import.meta.url),
);

/** The output of a program whose runtime crashes. */
async function fail(hides: "yes" | "no"): Promise<string> {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      FAILING,
      "exec",
      "password=hunter2",
      "",
      "--env",
      "A=b",
    ],
    env: { TEST_HIDES: hides },
  }).output();
  return new TextDecoder().decode(stderr);
}

Deno.test("the runtime prints the arguments when it crashes", async () => {
  assertStringIncludes(await fail("no"), '"exec", "password=hunter2"');
});

Deno.test({
  name: "hidden arguments are not printed when the runtime crashes",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const text = await fail("yes");
    assertStringIncludes(text, "panicked");
    assertStringIncludes(text, `"exec", "", "", "", ""]`);
    assertEquals(text.includes("hunter2"), false);
  },
});

import { assertEquals, assertMatch } from "@std/assert";
import { errorText } from "../../../src/cli/process/exit_code.ts";

Deno.test("a device without room is said in a line, and is no fault of ftl", async () => {
  using full = await Deno.open("/dev/full", { write: true });
  let text = "";
  try {
    await full.write(new Uint8Array(1));
  } catch (error) {
    text = errorText(error);
  }
  assertMatch(text, /^ftl: Cannot go on: No space left on device .*\n$/);
});

Deno.test("what nobody has foreseen is a fault of ftl, with all that is known", () => {
  const [first] = errorText(new Error("oops")).split("\n");
  assertEquals(first, "ftl: this is a fault of ftl, please report it");
});

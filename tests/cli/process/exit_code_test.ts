import { assertEquals, assertMatch } from "@std/assert";
import { errorText } from "../../../src/cli/process/exit_code.ts";

Deno.test("errorText() reports a full device in one line, not as an internal error", async () => {
  using full = await Deno.open("/dev/full", { write: true });
  let text = "";
  try {
    await full.write(new Uint8Array(1));
  } catch (error) {
    text = errorText(error);
  }
  assertMatch(text, /^ftl: Cannot continue: No space left on device .*\n$/);
});

Deno.test("errorText() reports an unexpected error as internal, with its stack", () => {
  const [first] = errorText(new Error("oops")).split("\n");
  assertEquals(first, "ftl: Internal error, please report it");
});

import { assertEquals, assertMatch } from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
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

Deno.test("errorText() names the host once", () => {
  const text = (message: string) =>
    errorText(new InventoryError(message, { host: "a" }));
  assertEquals(text("Cannot use x of a: bad"), "ftl: Cannot use x of a: bad\n");
  assertEquals(text("Cannot do that"), "ftl: a: Cannot do that\n");
});

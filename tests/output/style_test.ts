import { assertEquals } from "@std/assert";
import { createStyle } from "../../src/output/style.ts";

Deno.test("createStyle() leaves text as it is without colour", () => {
  const style = createStyle(false);
  assertEquals(style.bold("a") + style.status("failed", "b"), "ab");
});

Deno.test("createStyle() resets after each piece, and adds nothing to no text", () => {
  const style = createStyle(true);
  assertEquals(style.removed("a"), "\x1b[31ma\x1b[0m");
  assertEquals(style.status("ok", ""), "");
});

import { assertEquals } from "@std/assert";
import { createStyle } from "../../src/output/style.ts";

Deno.test("createStyle() leaves text unchanged without color", () => {
  const style = createStyle(false);
  assertEquals(style.bold("a") + style.status("failed", "b"), "ab");
});

Deno.test("createStyle() resets after each text, and leaves empty text empty", () => {
  const style = createStyle(true);
  assertEquals(style.removed("a"), "\x1b[31ma\x1b[0m");
  assertEquals(style.status("ok", ""), "");
});

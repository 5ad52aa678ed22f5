import { assertEquals } from "@std/assert";
import {
  fitWidth,
  padWidth,
  widthOf,
  wrapWords,
} from "../../src/output/width.ts";

Deno.test("widthOf() counts two columns for wide characters and none for marks", () => {
  assertEquals(widthOf("abc"), 3);
  assertEquals(widthOf("漢字"), 4);
  assertEquals(widthOf("e\u0301"), 1);
  assertEquals(widthOf("🎉"), 2);
});

Deno.test("fitWidth() keeps lines that fit, and ends others with an ellipsis", () => {
  assertEquals(fitWidth("abcde", 5), "abcde");
  assertEquals(fitWidth("abcdef", 5), "abcd…");
  assertEquals(fitWidth("abc", 0), "");
});

Deno.test("fitWidth() does not cut a wide character in half", () => {
  assertEquals(fitWidth("漢字漢字", 4), "漢…");
  assertEquals(fitWidth("漢字", 4), "漢字");
});

Deno.test("fitWidth() does not count marks as columns", () => {
  const text = "e" + "\u0301".repeat(100);
  assertEquals(fitWidth(text, 10), text);
});

Deno.test("padWidth() counts columns, not characters", () => {
  assertEquals(padWidth("漢", 4) + "|", "漢  |");
  assertEquals(padWidth("7", 3, "left"), "  7");
  assertEquals(padWidth("long", 2), "long");
});

Deno.test("wrapWords() breaks lines between words only", () => {
  const narrow = { width: 10, indent: "  " };
  assertEquals(wrapWords("  one two three", narrow), ["  one two", "  three"]);
  assertEquals(wrapWords("a verylongword b", narrow), [
    "a",
    "  verylongword",
    "  b",
  ]);
  assertEquals(wrapWords("short", { width: Infinity, indent: "" }), ["short"]);
});

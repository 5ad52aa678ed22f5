import { assertEquals } from "@std/assert";
import { cutLines, cutText, linesOf } from "../../../src/output/text/cut.ts";

Deno.test("cutLines() keeps the first lines and counts the others", () => {
  assertEquals(cutLines(["a", "b", "c", "d"], { max: 2 }), [
    "a",
    "b",
    "… 2 more lines (-v)",
  ]);
  assertEquals(cutLines(["a", "b"], { max: 2 }), ["a", "b"]);
});

Deno.test("cutLines() keeps the last lines where the end says most", () => {
  assertEquals(cutLines(["a", "b", "c"], { max: 2, keep: "last" }), [
    "… 1 more line (-v)",
    "b",
    "c",
  ]);
});

Deno.test("cutText() counts what it leaves out and splits no surrogate pair", () => {
  assertEquals(cutText("abcdef", 2), "ab… (4 more characters, -v)");
  assertEquals(cutText("a🎉b", 2), "a… (3 more characters, -v)");
  assertEquals(cutText("abc", 3), "abc");
});

Deno.test("linesOf() takes the last newline as an end, and escapes every line", () => {
  assertEquals(linesOf(""), []);
  assertEquals(linesOf("\n"), [""]);
  assertEquals(linesOf("a\r\nb\x07\n"), ["a", "b\\x07"]);
  assertEquals(linesOf("a\n\nb\n\n"), ["a", "", "b", ""]);
});

Deno.test("linesOf() cuts a line that is a mebibyte long", () => {
  const [line] = linesOf("\x1b".repeat(1 << 20), 3);
  assertEquals(line, "\\x1b\\x1b\\x1b… (1048573 more characters, -v)");
});

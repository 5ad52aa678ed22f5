import { assertEquals } from "@std/assert";
import { createCut } from "../../../src/output/text/cut.ts";

const cut = createCut({ whole: false });

Deno.test("Cut.lines() keeps the first lines and counts the rest", () => {
  assertEquals(cut.lines(["a", "b", "c", "d"], { max: 2 }), [
    "a",
    "b",
    "… 2 more lines (-v)",
  ]);
  assertEquals(cut.lines(["a", "b"], { max: 2 }), ["a", "b"]);
});

Deno.test("Cut.lines() can keep the last lines", () => {
  assertEquals(cut.lines(["a", "b", "c"], { max: 2, keep: "last" }), [
    "… 1 more line (-v)",
    "b",
    "c",
  ]);
});

Deno.test("Cut.text() counts omitted characters and splits no surrogate pair", () => {
  assertEquals(cut.text("abcdef", 2), "ab… (4 more characters, -v)");
  assertEquals(cut.text("a🎉b", 2), "a… (3 more characters, -v)");
  assertEquals(cut.text("abc", 3), "abc");
});

Deno.test("Cut.split() treats a final newline as the end of a line, and escapes every line", () => {
  assertEquals(cut.split("", 9), []);
  assertEquals(cut.split("\n", 9), [""]);
  assertEquals(cut.split("a\r\nb\x07\n", 9), ["a", "b\\x07"]);
  assertEquals(cut.split("a\n\nb\n\n", 9), ["a", "", "b", ""]);
});

Deno.test("Cut.split() cuts a line of one mebibyte", () => {
  const [line] = cut.split("\x1b".repeat(1 << 20), 3);
  assertEquals(line, "\\x1b\\x1b\\x1b… (1048573 more characters, -v)");
});

Deno.test("createCut() names the remedy, and cuts nothing when whole", () => {
  const inConsole = createCut({ whole: false, remedy: ":last" });
  assertEquals(inConsole.note(3), "… 3 more (:last)");
  assertEquals(inConsole.text("abc", 1), "a… (2 more characters, :last)");
  const whole = createCut({ whole: true });
  assertEquals(whole.lines(["a", "b"], { max: 1 }), ["a", "b"]);
  assertEquals(whole.split("abc\nd", 1), ["abc", "d"]);
});

Deno.test("split() keeps the first 500,000 lines, unless whole", () => {
  const text = "\n".repeat(2_000_000);
  const lines = createCut({ whole: false }).split(text, 80);
  assertEquals(lines.length, 500_001);
  assertEquals(lines.at(-1), "… 1500000 more lines (-v)");
  assertEquals(createCut({ whole: true }).split(text, 80).length, 2_000_000);
});

Deno.test("tail() keeps the last lines, and notes how many come before them", () => {
  const cut = createCut({ whole: false, maxTail: 2 });
  assertEquals(cut.tail("a\nb\nc\nd\n", 9), [
    "… 2 lines before these (-v)",
    "c",
    "d",
  ]);
  assertEquals(cut.tail("a\nb\n", 9), ["a", "b"]);
  assertEquals(cut.tail("a\nb", 9), ["a", "b"]);
  assertEquals(cut.tail("", 9), []);
  const all = createCut({ whole: true, maxTail: 2 });
  assertEquals(all.tail("a\nb\nc\n", 9), ["a", "b", "c"]);
  const long = all.tail("x\n".repeat(2_000_000), 9);
  assertEquals(long.length, 500_001);
  assertEquals(long[0], "… 1500000 lines before these (--format json)");
});

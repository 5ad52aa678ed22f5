import { assertEquals, assertMatch } from "@std/assert";
import {
  escapeLine,
  escapeStray,
  escapeText,
  toJsonText,
} from "../../src/output/escape.ts";

const CASES: readonly [what: string, text: string, shown: string][] = [
  ["an escape sequence", "\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"],
  ["one that begins with C1's CSI", "\x9b31m", "\\x9b31m"],
  ["a title that ends with a bell", "\x1b]0;x\x07", "\\x1b]0;x\\x07"],
  ["NUL, backspace and DEL", "a\0b\x08c\x7f", "a\\x00b\\x08c\\x7f"],
  ["a carriage return that hides a line", "secret\rfine", "secret\\rfine"],
  ["a right-to-left override", "\u202egnp.exe", "\\u202egnp.exe"],
  ["isolates and marks", "\u2066a\u2069\u200f", "\\u2066a\\u2069\\u200f"],
  ["separators of lines", "a\u2028b\u2029", "a\\u2028b\\u2029"],
  ["what cannot be seen", "a\u200bb\ufeff", "a\\u200bb\\ufeff"],
  ["a joiner beside ASCII", "we\u200db1\u200c", "we\\u200db1\\u200c"],
  [
    "soft hyphens and fillers",
    "a\xadb\u3164\u115f\u034f",
    "a\\xadb\\u3164\\u115f\\u034f",
  ],
  ["a tag character", "a\u{e0041}", "a\\u{e0041}"],
  ["halves of surrogate pairs", "a\ud83d b\ude00", "a\\ud83d b\\ude00"],
];

for (const [what, text, shown] of CASES) {
  Deno.test(`escapeText() makes ${what} visible`, () => {
    assertEquals(escapeText(text), shown);
    assertEquals(escapeLine(text), shown);
  });
}

Deno.test("escapeText() keeps newlines, tabs, backslashes and other scripts", () => {
  const text = "a\tb\n\\x1b é 漢字 👨‍👩‍👧 שלום";
  assertEquals(escapeText(text), text);
});

Deno.test("escapeText() drops a carriage return before a newline", () => {
  assertEquals(escapeText("a\r\nb\r\n"), "a\nb\n");
});

Deno.test("escapeLine() keeps everything on one line", () => {
  assertEquals(escapeLine("a\tb\r\nc"), "a\\tb\\r\\nc");
});

Deno.test("toJsonText() reads back as the same value and holds no control characters", () => {
  const value = JSON.parse('{"__proto__": {"a": 1}}');
  value.text = CASES.map(([, text]) => text).join("\n");
  const text = toJsonText(value);
  assertEquals(JSON.stringify(JSON.parse(text)), JSON.stringify(value));
  assertMatch(text, /^[\x20-\x7e]*$/);
});

Deno.test("escapeStray() keeps styles, and escapes other control characters", () => {
  assertEquals(
    escapeStray("\x1b[31mred\x1b[0m\r\x9b2J\u202ex\n"),
    "\x1b[31mred\x1b[0m\r\\x9b2J\\u202ex\n",
  );
});

Deno.test("toJsonText() indents", () => {
  assertEquals(toJsonText({ a: "\x9b" }, 2), '{\n  "a": "\\u009b"\n}');
});

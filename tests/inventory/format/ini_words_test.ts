import { assertEquals, assertThrows } from "@std/assert";
import { splitWords } from "../../../src/inventory/format/ini_words.ts";

const cases: [line: string, words: string[]][] = [
  ["", []],
  ["a  b\tc", ["a", "b", "c"]],
  ["k='v w' x=\"y z\"", ["k=v w", "x=y z"]],
  [`a\\ b "c\\"d\\e" 'f\\g'`, ["a b", 'c"d\\e', "f\\g"]],
  ["'' \"\"", ["", ""]],
  ["a'b'\"c\"d", ["abcd"]],
  ["a # b", ["a", "#", "b"]],
];

for (const [line, words] of cases) {
  Deno.test(`splitWords() splits ${JSON.stringify(line)}`, () => {
    assertEquals(splitWords(line), words);
  });
}

Deno.test("splitWords() ends at a comment, inside a word too, but not inside quotes", () => {
  assertEquals(splitWords("a b#c d", { comments: true }), ["a", "b"]);
  assertEquals(splitWords("'b#c' # d", { comments: true }), ["b#c"]);
});

for (const line of ["a 'b", 'a "b', "a\\"]) {
  Deno.test(`splitWords() refuses ${line}`, () => {
    assertThrows(() => splitWords(line), SyntaxError);
  });
}

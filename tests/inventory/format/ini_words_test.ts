import { assertEquals, assertThrows } from "@std/assert";
import { splitIniWords } from "../../../src/inventory/format/ini_words.ts";

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
  Deno.test(`splitIniWords() splits ${JSON.stringify(line)}`, () => {
    assertEquals(splitIniWords(line), words);
  });
}

Deno.test("splitIniWords() ends at a comment, inside a word too, but not inside quotes", () => {
  assertEquals(splitIniWords("a b#c d", { comments: true }), ["a", "b"]);
  assertEquals(splitIniWords("'b#c' # d", { comments: true }), ["b#c"]);
});

for (const line of ["a 'b", 'a "b', "a\\"]) {
  Deno.test(`splitIniWords() refuses ${line}`, () => {
    assertThrows(() => splitIniWords(line), SyntaxError);
  });
}

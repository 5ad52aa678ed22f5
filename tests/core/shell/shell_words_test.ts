import { assertEquals, assertThrows } from "@std/assert";
import { quoteWord, splitWords } from "../../../src/core/shell/shell_words.ts";

const texts = (line: string) => splitWords(line).map((word) => word.text);

Deno.test("splitWords() reads single, double and backslash quoting", () => {
  assertEquals(texts(`a="b c" 'd "e'  f\\ g`), ["a=b c", 'd "e', "f g"]);
  assertEquals(texts(`"a\\"b" 'c\\d' ""`), ['a"b', "c\\d", ""]);
  assertEquals(texts(" \t "), []);
});

Deno.test("splitWords() keeps each word as it was written", () => {
  assertEquals(splitWords(`x  "a b"c`), [
    { raw: "x", text: "x" },
    { raw: `"a b"c`, text: "a bc" },
  ]);
});

Deno.test("splitWords() names the column of a quote that is not closed", () => {
  assertThrows(
    () => splitWords(`ab "c`),
    SyntaxError,
    'the " in column 4 is not closed',
  );
});

Deno.test("quoteWord() is undone by splitWords()", () => {
  for (const text of ["plain", "a b", "it's", "$HOME", "", "a\nb", '"']) {
    assertEquals(texts(quoteWord(text)), [text]);
  }
});

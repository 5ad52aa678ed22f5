import { assertEquals } from "@std/assert";
import { AnswerEntry } from "../../../src/console/terminal/entry.ts";

function entry(echo: boolean): AnswerEntry {
  const { signal } = new AbortController();
  return new AnswerEntry({ above: "", prompt: "Q: ", echo, signal });
}

Deno.test("a secret is not shown, and ends with Enter", () => {
  const secret = entry(false);
  assertEquals(secret.type("hün"), "");
  assertEquals(secret.type("ter2"), "");
  assertEquals(secret.answer, undefined);
  assertEquals(secret.row, "Q: ");
  assertEquals(secret.type("\rwhat follows"), "\r\n");
  assertEquals(secret.answer, "hünter2");
});

Deno.test("an answer is shown while it is typed and corrected", () => {
  const shown = entry(true);
  assertEquals(shown.type("ab😀"), "ab😀");
  assertEquals(shown.type("\x7f"), "\r\x1b[KQ: ab");
  assertEquals(shown.type("c"), "c");
  assertEquals(shown.row, "Q: abc");
  shown.type("\x15x\n");
  assertEquals(shown.answer, "x");
});

Deno.test("arrow keys and other control keys are not part of the answer", () => {
  const secret = entry(false);
  secret.type("a\x1b[A\x1bOB\x1b[1;5Cb\t\x01\x1bxc\r");
  assertEquals(secret.answer, "abc");
});

Deno.test("^D ends only an empty answer", () => {
  const empty = entry(false);
  assertEquals(empty.type("\x04"), "\r\n");
  assertEquals(empty.answer, "");
  const begun = entry(false);
  begun.type("a\x04");
  assertEquals(begun.answer, undefined);
});

import { assertEquals, assertThrows } from "@std/assert";
import { CallError } from "../../../src/errors.ts";
import {
  AnswerReader,
  isOurs,
  NOTHING,
  readStat,
  readSums,
} from "../../../src/core/remote/host_survey.ts";

function reader(text: string): AnswerReader {
  return new AnswerReader(new TextEncoder().encode(text));
}

Deno.test("readStat() reads a line, and drops the type from the mode", () => {
  assertEquals(readStat("81ed 12 -5 1000 100"), {
    ...NOTHING,
    mode: 0o755,
    size: 12,
    mtime: -5,
    uid: 1000,
    gid: 100,
  });
});

Deno.test("readStat() refuses every other line", () => {
  for (
    const line of [
      "",
      "81ed 12 5 1000",
      "81ed -1 5 0 0",
      "81ED 1 5 0 0",
      "81ed 1 5 0 0 0",
      "81ed 1e3 5 0 0",
    ]
  ) {
    assertThrows(() => readStat(line), CallError, "its format is invalid");
  }
});

Deno.test("survey() reads each kind, and targets only of links", () => {
  const answer = reader(
    "flD-\n-\n81a4 1 2 3 4\na1ff 5 6 7 8\n41ed 0 0 0 0\nto\n\0./d\0rest",
  );
  const entries = answer.survey(4);
  assertEquals(entries.map(({ kind }) => kind), [
    "file",
    "link",
    "folder link",
    "nothing",
  ]);
  assertEquals(entries.map(({ target }) => target), ["", "to", "./d", ""]);
  assertEquals(entries.map(({ hasList }) => hasList), [
    false,
    false,
    false,
    false,
  ]);
  assertEquals(answer.text(), "rest");
  assertEquals(answer.isAtEnd, true);
});

Deno.test("survey() notes an access control list on the entries of its batch", () => {
  const [entry] = reader("f\n+\n81a4 1 2 3 4\n").survey(1);
  assertEquals(entry!.hasList, true);
});

Deno.test("an answer that has too many, unknown or cut parts is refused", () => {
  const refuses = (read: () => unknown) =>
    assertThrows(read, CallError, "its format is invalid");
  refuses(() => reader("ff\n-\n").survey(1));
  refuses(() => reader("x\n-\n").survey(1));
  refuses(() => reader("f\n-\n81a4 1 2 3 4").survey(1));
  refuses(() => reader("no end").word());
});

Deno.test("word() returns nothing for bytes that are not UTF-8", () => {
  const answer = new AnswerReader(new Uint8Array([0xff, 0, 0x61, 0]));
  assertEquals([answer.word(), answer.word()], [undefined, "a"]);
});

Deno.test("isOurs() is true only when no other user can change the folder", () => {
  const cases: [Partial<typeof NOTHING>, boolean][] = [
    [{ uid: 0, mode: 0o755 }, true],
    [{ uid: 1000, mode: 0o755 }, true],
    [{ uid: 1001, mode: 0o755 }, false],
    [{ uid: 1000, mode: 0o757 }, false],
    [{ uid: 1000, gid: 100, mode: 0o775 }, false],
    [{ uid: 1000, gid: 1000, mode: 0o775 }, true],
    [{ uid: 1000, gid: 0, mode: 0o775 }, true],
    [{ uid: 1000, gid: 1000, mode: 0o775, hasList: true }, false],
    [{ uid: 1000, gid: 1000, mode: 0o755, hasList: true }, true],
  ];
  for (const [entry, expected] of cases) {
    const message = JSON.stringify(entry);
    assertEquals(isOurs({ ...NOTHING, ...entry }, 1000), expected, message);
  }
});

Deno.test("readSums() takes checksums, also of names with a backslash", () => {
  const [a, b] = ["a".repeat(64), "0".repeat(64)];
  assertEquals(readSums(`${a}  x\nnoise\n\\${b}  y\n${a}0  z\n`), [a, b]);
});

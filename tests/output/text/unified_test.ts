import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { unifiedDiff } from "../../../src/output/text/unified.ts";

function diff(before: readonly string[], after: readonly string[]): string[] {
  return unifiedDiff(before, after).map(({ kind, text }) =>
    kind === "@" ? text : kind + text
  );
}

Deno.test("unifiedDiff() of equal lists is empty", () => {
  assertEquals(diff([], []), []);
  assertEquals(diff(["a", "b"], ["a", "b"]), []);
});

Deno.test("unifiedDiff() shows three lines around a change", () => {
  assertEquals(diff([..."abcdefghi"], [..."abcdXfghi"]), [
    "@@ -2,7 +2,7 @@",
    " b",
    " c",
    " d",
    "-e",
    "+X",
    " f",
    " g",
    " h",
  ]);
});

Deno.test("unifiedDiff() starts a hunk for each distant change", () => {
  const before = [..."abcdefghijklmnop"];
  const near = before.with(2, "X").with(9, "Y");
  const far = before.with(2, "X").with(10, "Y");
  assertEquals(diff(before, near).filter((line) => line.startsWith("@")), [
    "@@ -1,13 +1,13 @@",
  ]);
  assertEquals(diff(before, far).filter((line) => line.startsWith("@")), [
    "@@ -1,6 +1,6 @@",
    "@@ -8,7 +8,7 @@",
  ]);
});

Deno.test("unifiedDiff() names the line before an empty range", () => {
  assertEquals(diff([], ["a"]), ["@@ -0,0 +1 @@", "+a"]);
  assertEquals(diff(["a", "b"], []), ["@@ -1,2 +0,0 @@", "-a", "-b"]);
});

Deno.test("unifiedDiff() finds the shortest edit", () => {
  const lines = diff([..."abcabba"], [..."cbabac"]);
  assertEquals(lines.filter((line) => /^[-+]/.test(line)).length, 5);
});

Deno.test("unifiedDiff() shows lists with too many differences as replaced", () => {
  const before = Array.from({ length: 3000 }, (_, i) => `a${i}`);
  const after = Array.from({ length: 3000 }, (_, i) => `b${i}`);
  const lines = diff(["same", ...before], ["same", ...after]);
  assertEquals(lines.length, 6002);
  assertEquals(lines.slice(0, 3), ["@@ -1,3001 +1,3001 @@", " same", "-a0"]);
});

Deno.test("applying unifiedDiff() to the first list gives the second", () => {
  const list = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 40 });
  fc.assert(fc.property(list, list, (before, after) => {
    assertEquals(patch(before, unifiedDiff(before, after)), after);
  }));
});

/** Applies hunks, and checks that they stand where they say. */
function patch(
  before: readonly string[],
  lines: ReturnType<typeof unifiedDiff>,
): string[] {
  const patched: string[] = [];
  let at = 0;
  for (const { kind, text } of lines) {
    if (kind === "@") {
      const [, start, count] = text.match(/^@@ -(\d+)(?:,(\d+))?/)!;
      const from = count === "0" ? Number(start) : Number(start) - 1;
      patched.push(...before.slice(at, from));
      at = from;
    } else {
      if (kind !== "+") assertEquals(before[at++], text);
      if (kind !== "-") patched.push(text);
    }
  }
  return [...patched, ...before.slice(at)];
}

Deno.test("unifiedDiff() takes more lines than a function takes arguments", () => {
  const before = Array.from({ length: 300_000 }, () => "a");
  assertEquals(unifiedDiff(before, []).length, 300_001);
});

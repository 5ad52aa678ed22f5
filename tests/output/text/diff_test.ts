import { assertEquals } from "@std/assert";
import type { Json } from "../../../src/protocol/message.ts";
import { createStyle } from "../../../src/output/style.ts";
import { createCut } from "../../../src/output/text/cut.ts";
import { diffLines } from "../../../src/output/text/diff.ts";

function lines(diff: Json, whole = false): string[] {
  return diffLines(diff, {
    style: createStyle(false),
    cut: createCut({ whole }),
  });
}

Deno.test("diffLines() compares before and after under their headers", () => {
  assertEquals(
    lines({
      before: "one\ntwo\n",
      after: "one\nthree\n",
      before_header: "/etc/motd",
      after_header: "/root/new",
    }),
    ["--- /etc/motd", "+++ /root/new", "@@ -1,2 +1,2 @@"]
      .concat([" one", "-two", "+three"]),
  );
});

Deno.test("diffLines() compares objects regardless of the order of members", () => {
  assertEquals(
    lines({ before: { b: 1, a: "x" }, after: { a: "y", b: 1 } }),
    ["--- before", "+++ after", "@@ -1,4 +1,4 @@"]
      .concat([" {", '-  "a": "x",', '+  "a": "y",', '   "b": 1', " }"]),
  );
});

Deno.test("diffLines() shows prepared text unchanged, and every item of a list", () => {
  assertEquals(
    lines([{ prepared: "+ added\n- gone\n" }, { before: "", after: "a\n" }]),
    ["+ added", "- gone", "--- before", "+++ after", "@@ -0,0 +1 @@", "+a"],
  );
});

Deno.test("diffLines() reports a missing final newline", () => {
  assertEquals(
    lines({ before: "a\n", after: "a" }).slice(3),
    ["-a", "+a", "\\ No newline at end of file"],
  );
});

Deno.test("diffLines() shows a carriage return that is the only difference", () => {
  assertEquals(lines({ before: "a\r\n", after: "a\n" }).slice(3), [
    "-a\\r",
    "+a",
  ]);
});

Deno.test("diffLines() explains why there is no diff", () => {
  assertEquals(lines({ dst_binary: 1, before: "", after: "" }), [
    "diff omitted by the module: the destination is a binary file",
  ]);
});

Deno.test("diffLines() shows nothing for equal values and unknown shapes", () => {
  for (
    const diff of [{ before: "a", after: "a" }, {}, [], [1, null], "x", null]
  ) {
    assertEquals(lines(diff), []);
  }
});

Deno.test("diffLines() cuts a long diff and escapes every line of it", () => {
  const after = "\x1b[2J\n".repeat(500);
  const shown = lines({ before: "", after, after_header: "\x1b]0;x\x07" });
  assertEquals(shown.length, 201);
  assertEquals(shown[1], "+++ \\x1b]0;x\\x07");
  assertEquals(shown[3], "+\\x1b[2J");
  assertEquals(shown.at(-1), "… 303 more lines (-v)");
  assertEquals(lines({ before: "", after }, true).length, 503);
});

Deno.test("diffLines() compares the first lines of very long texts, and says so", () => {
  const shown = lines({ before: "a\n".repeat(300_000), after: "" });
  assertEquals(shown.slice(0, 5), [
    "200000 more lines were not compared",
    "--- before",
    "+++ after",
    "@@ -1,100000 +0,0 @@",
    "-a",
  ]);
  assertEquals(shown.at(-1), "… 99804 more lines (-v)");
});

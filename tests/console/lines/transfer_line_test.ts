import { assertEquals, assertThrows } from "@std/assert";
import { readTransfer } from "../../../src/console/lines/transfer_line.ts";

Deno.test("readTransfer() reads two paths and options", () => {
  assertEquals(
    readTransfer("push", "'a b' /srv/ mode=0644 owner=app parents"),
    {
      src: "a b",
      dest: "/srv/",
      mode: "0644",
      owner: "app",
      parents: true,
    },
  );
  assertEquals(readTransfer("fetch", "/etc/hosts out preserve"), {
    src: "/etc/hosts",
    dest: "out",
    preserve: true,
  });
});

Deno.test("readTransfer() refuses missing paths and unknown options", () => {
  for (
    const text of [
      "",
      "a",
      "a b mode=9",
      "a b mode",
      "a b preserve=1",
      "a b x=1",
      "a b __proto__",
    ]
  ) {
    assertThrows(() => readTransfer("push", text), SyntaxError);
  }
  assertThrows(() => readTransfer("fetch", "a b mode=0644"), SyntaxError);
});

// How many useless messages are too many.
import { assertThrows } from "@std/assert";
import { FloodError, UselessMessages } from "../../src/transport/useless.ts";

Deno.test("UselessMessages lets a burst pass, and no flood", () => {
  const useless = new UselessMessages();
  for (let i = 0; i < 1_000; i++) useless.count("a request");
  assertThrows(
    () => {
      for (let i = 0; i < 5_000; i++) useless.count("a request");
    },
    FloodError,
    "it sent too many unsolicited messages; the last one was a request",
  );
});

Deno.test("UselessMessages lets eight pass for each command, however many run", () => {
  const useless = new UselessMessages();
  for (let i = 0; i < 10_000; i++) {
    useless.opened();
    for (let j = 0; j < 8; j++) useless.count("a request");
  }
});

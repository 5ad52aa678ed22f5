import { assertEquals, assertThrows } from "@std/assert";
import { readControl } from "../../../../src/core/nats/messages/received_note.ts";
import { encodeNats } from "../../../../src/core/nats/server/encode_nats.ts";
import { FtlError } from "../../../../src/errors.ts";

Deno.test("beats are counted, a cancel is not", () => {
  const read = (value: unknown) => readControl(encodeNats(value));
  assertEquals(read({ type: "beat", number: 3 }), { type: "beat", number: 3 });
  assertEquals(read({ type: "cancel" }), { type: "cancel" });
  assertThrows(() => read({ type: "beat" }), FtlError, "number must be");
});

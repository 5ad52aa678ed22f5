import { assertEquals, assertThrows } from "@std/assert";
import type { JsonObject } from "../../src/protocol/message.ts";
import { readEvent, readHello, readReply } from "../../src/protocol/reply.ts";
import { readCases } from "./golden.ts";
import { result } from "./peer.ts";

interface ReplyCase {
  name: string;
  message: [type: string, data: JsonObject, id: number];
  wrong: string | null;
}

/** The data that a message gives, read as what its type says. */
function read(type: string, data: JsonObject): unknown {
  if (type === "Hello") return readHello(data, data.nonce as string);
  return (readEvent(type, data) ?? readReply(type, data))?.data;
}

for (const { name, message, wrong } of readCases<ReplyCase>("replies.json")) {
  Deno.test(`golden replies: ${name}`, () => {
    const [type, data] = message;
    if (wrong === null) {
      const { later: _, ...known } = data;
      assertEquals(read(type, data), known);
    } else {
      const start = `Cannot read a message: its \`${wrong}\` is `;
      assertThrows(() => read(type, data), SyntaxError, start);
    }
  });
}

Deno.test("readReply() refuses output over the limit", () => {
  const longest = "x".repeat(1024 * 1024);
  const data = (stderr: string) => ({ ...result({ stderr }) }) as JsonObject;
  assertEquals(readReply("Result", data(longest))?.type, "Result");
  assertThrows(
    () => readReply("Result", data(longest + "x")),
    SyntaxError,
    "`stderr` is longer than 1048576 characters",
  );
});

Deno.test("readReply() and readEvent() return undefined for other types", () => {
  for (const type of ["toString", "__proto__", "result", "Call", ""]) {
    assertEquals(readReply(type, {}), undefined);
    assertEquals(readEvent(type, {}), undefined);
  }
});

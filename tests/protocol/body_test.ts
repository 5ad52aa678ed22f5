import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeBody, encodeBody } from "../../src/protocol/body.ts";
import type { Json, JsonObject } from "../../src/protocol/message.ts";
import { type Octets, readCases, toBytes } from "./golden.ts";

interface BodyCase {
  name: string;
  body: Octets;
  message?: Json[];
  error?: keyof typeof ERRORS;
}

const ERRORS = {
  utf8: "it is not UTF-8",
  json: "Cannot read JSON: the text is not JSON",
  deep: "Cannot read JSON: it is nested more than 200 levels deep",
  shape: "Cannot read a message: it",
};

for (
  const { name, body, message, error } of readCases<BodyCase>("bodies.json")
) {
  Deno.test(`golden bodies: ${name}`, () => {
    const bytes = toBytes(body);
    if (error) {
      assertThrows(() => decodeBody(bytes), SyntaxError, ERRORS[error]);
      return;
    }
    const { type, data, id } = decodeBody(bytes);
    if (message) {
      assertEquals(
        id === null ? [type, data] : [type, data, id],
        message,
      );
    }
  });
}

Deno.test("decodeBody() reads what encodeBody() wrote", () => {
  const anyMessage = fc.tuple(
    fc.string({ unit: "grapheme" }),
    fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()),
    fc.maxSafeNat(),
  );
  fc.assert(fc.property(anyMessage, (message) => {
    const { type, data, id } = decodeBody(encodeBody(message));
    assertEquals(JSON.stringify([type, data, id]), JSON.stringify(message));
  }));
});

Deno.test("a body holds the numbers that only Python's json has", () => {
  const text = '["A",{"a":[NaN,Infinity,-Infinity,"NaN"]},1]';
  const { type, data, id } = decodeBody(new TextEncoder().encode(text));
  const bytes = encodeBody([type, data as JsonObject, id!]);
  assertEquals(new TextDecoder().decode(bytes), text);
});

Deno.test("decodeBody() reads any bytes or throws a SyntaxError", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
    try {
      decodeBody(bytes);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }));
});

Deno.test("decodeBody() leaves a key __proto__ a plain member", () => {
  const body = new TextEncoder().encode('["A",{"__proto__":{"rc":0}},1]');
  const { data } = decodeBody(body);
  assertEquals(Object.getPrototypeOf(data), Object.prototype);
  assertEquals((data as { rc?: number }).rc, undefined);
});

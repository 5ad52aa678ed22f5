import { assertEquals, assertThrows } from "@std/assert";
import {
  bitLength,
  toBigInt,
  WireReader,
  WireViolation,
} from "../../../../src/transport/ssh/guard/wire_reader.ts";

/** A message of strings, each after its length. */
function strings(...contents: readonly number[][]): Uint8Array {
  return new Uint8Array(
    contents.flatMap((bytes) => [0, 0, 0, bytes.length, ...bytes]),
  );
}

function reader(...contents: readonly number[][]) {
  return new WireReader(strings(...contents), "its key");
}

function fails(read: () => unknown, reason: string) {
  assertThrows(read, WireViolation, `its key ${reason}`);
}

Deno.test("a reader returns the fields in order", () => {
  const fields = reader([0x61, 0x62], [0xff], [0x00, 0x80]);
  assertEquals(fields.text(2), "ab");
  assertEquals([...fields.string(1)], [0xff]);
  assertEquals(fields.positive(8), 0x80n);
  fields.end();
});

Deno.test("a reader refuses a field that reaches past the message", () => {
  const bytes = strings([1, 2, 3]);
  for (const length of [3, 4, 6]) {
    const cut = new WireReader(bytes.subarray(0, length), "its key");
    fails(() => cut.string(9), "ends too early");
  }
});

Deno.test("a reader refuses a field that is longer than its limit", () => {
  fails(() => reader([1, 2, 3]).string(2), "has a field of 3 bytes");
});

Deno.test("text() takes printable ASCII only", () => {
  assertEquals(reader([0x20, 0x7e]).text(2), " ~");
  for (const byte of [0x00, 0x1f, 0x7f, 0xc3]) {
    fails(() => reader([byte]).text(9), "has a name that is not ASCII");
  }
});

Deno.test("positive() refuses zero, negative numbers and needless zeros", () => {
  fails(() => reader([]).positive(64), "has the number zero");
  fails(() => reader([0x80]).positive(64), "has a negative number");
  for (const bytes of [[0], [0, 0x7f]]) {
    fails(
      () => reader(bytes).positive(64),
      "has a number with needless zeros",
    );
  }
});

Deno.test("end() refuses bytes after the last field, and a skip past the end", () => {
  fails(() => reader([1, 2]).end(), "has 6 bytes too many");
  const fields = reader([1]);
  fields.skip(6);
  fails(() => fields.end(), "ends too early");
});

Deno.test("toBigInt() and bitLength() read numbers of any length", () => {
  assertEquals(toBigInt(new Uint8Array()), 0n);
  assertEquals(toBigInt(new Uint8Array([1, 0])), 256n);
  assertEquals([1n, 255n, 256n].map(bitLength), [1, 8, 9]);
});

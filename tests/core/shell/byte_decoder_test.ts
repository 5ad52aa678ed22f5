import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { ByteDecoder } from "../../../src/core/shell/byte_decoder.ts";

/** Decodes bytes that arrive in chunks of a size. */
function decode(bytes: Uint8Array, size = bytes.length + 1): string {
  const decoder = new ByteDecoder();
  let text = "";
  for (let at = 0; at < bytes.length; at += size) {
    text += decoder.push(bytes.subarray(at, at + size));
  }
  return text + decoder.end();
}

Deno.test("ByteDecoder decodes any text, however it is split", () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
    fc.integer({ min: 1, max: 5 }),
    (text, size) => {
      assertEquals(decode(new TextEncoder().encode(text), size), text);
    },
  ));
});

Deno.test("ByteDecoder decodes bytes as Python's surrogateescape does", async () => {
  const parts = [
    [0xff],
    [0xc3, 0xa9],
    [0xc3],
    [0xed, 0xa0, 0x80],
    [0xe2, 0x82],
    [0xe2, 0x82, 0xac],
    [0xf0, 0x9f, 0x98, 0x80],
    [0xf0, 0x9f, 0x98],
    [0xf0, 0x80, 0x80, 0x80],
    [0xf5, 0x80],
    [0xc0, 0x80],
    [0x80],
    [0x41],
    [0xef, 0xbb, 0xbf],
    [0xf4, 0x90, 0x80, 0x80],
  ];
  const inputs = fc.sample(
    fc.array(fc.constantFrom(...parts), { maxLength: 12 }),
    { numRuns: 300, seed: 1 },
  ).map((chosen) => chosen.flat());
  const python = new Deno.Command("python3", {
    args: [
      "-c",
      "import json,sys\n" +
      "print(json.dumps([bytes(b).decode('utf-8','surrogateescape') " +
      "for b in json.loads(sys.argv[1])]))",
      JSON.stringify(inputs),
    ],
  });
  const { stdout } = await python.output();
  const expected: string[] = JSON.parse(new TextDecoder().decode(stdout));
  for (const [i, input] of inputs.entries()) {
    for (const size of [1, 2, 3, 100]) {
      assertEquals(decode(Uint8Array.from(input), size), expected[i]);
    }
  }
});

Deno.test("ByteDecoder never gives one text for different bytes", () => {
  const bytes = fc.uint8Array({ maxLength: 8 });
  fc.assert(fc.property(bytes, bytes, (one, other) => {
    if (String(one) === String(other)) return;
    assertNotEquals(decode(one), decode(other));
  }));
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  decodeBody,
  encodeBody,
  type Envelope,
} from "../../src/protocol/body.ts";
import { MAX_BODY, MAX_DATA } from "../../src/protocol/limits.ts";
import type { Json } from "../../src/protocol/message.ts";
import { SeriesReader, splitBody } from "../../src/protocol/series.ts";
import { readCases } from "./golden.ts";

interface SeriesCase {
  name: string;
  bodies: string[];
  messages: Json[];
  error: keyof typeof ERRORS | null;
}

const ERRORS = {
  series: "Cannot read a series: ",
  json: "Cannot read JSON: the text is not JSON",
  deep: "Cannot read JSON: it is nested more than 200 levels deep",
  shape: "Cannot read a message: it",
};

/** Reads bodies in order and hands over what they say, series joined. */
function read(bodies: Iterable<Uint8Array>, take: (message: Envelope) => void) {
  const series = new SeriesReader();
  for (const body of bodies) {
    const message = decodeBody(body);
    const { type, data, id } = message;
    const whole = type === "Data" ? series.add(data, id ?? -1) : message;
    if (whole) take(whole);
  }
}

for (
  const { name, bodies, messages, error } of readCases<SeriesCase>(
    "series.json",
  )
) {
  Deno.test(`golden series: ${name}`, () => {
    const encoder = new TextEncoder();
    const found: Json[] = [];
    const run = () =>
      read(
        bodies.map((body) => encoder.encode(body)),
        ({ type, data, id }) => found.push([type, data, id]),
      );
    if (error === null) run();
    else assertThrows(run, SyntaxError, ERRORS[error]);
    assertEquals(found, messages);
  });
}

Deno.test("splitBody() yields short parts that join to the body", () => {
  // Quotes double when they are written again; a character has 1 to 4 bytes.
  const units = ['"', "\\", "x", "é", "€", "😀", "\n", "\u0000"];
  const anyText = fc.array(
    fc.tuple(fc.constantFrom(...units), fc.integer({ min: 1, max: 150_000 })),
    { minLength: 1, maxLength: 6 },
  ).map((runs) => runs.map(([unit, times]) => unit.repeat(times)).join(""));
  fc.assert(
    fc.property(anyText, (text) => {
      const parts = [...splitBody(encodeBody(["Nope", { text }, 7]), 7)];
      for (const part of parts) assert(part.length <= MAX_DATA);
      const found: Envelope[] = [];
      read(parts, (message) => found.push(message));
      assertEquals(found.length, 1);
      assert((found[0]?.data as { text: string }).text === text);
    }),
    { numRuns: 20 },
  );
});

Deno.test("SeriesReader.add() counts the bytes of the unfinished body", () => {
  const series = new SeriesReader();
  assertEquals(series.add({ part: '["é', last: false }, 7), undefined);
  assertEquals(series.held, 4);
  assertEquals(series.add({ part: '",{},7]', last: true }, 7)?.type, "é");
  assertEquals(series.held, 0);
});

Deno.test("SeriesReader.add() refuses a body that grows over 64 MiB", () => {
  const series = new SeriesReader();
  const part = "x".repeat(16 * 1024 * 1024);
  for (let count = 0; count < 4; count++) {
    assertEquals(series.add({ part, last: false }, 7), undefined);
  }
  assertThrows(
    () => series.add({ part: "x", last: false }, 7),
    SyntaxError,
    `Cannot read a series: its body has more than ${MAX_BODY} bytes`,
  );
});

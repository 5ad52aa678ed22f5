import { assertEquals, assertThrows } from "@std/assert";
import { GateError } from "../../../src/errors.ts";
import {
  MAX_NOISE,
  type OpeningLine,
  OpeningLines,
} from "../../../src/gate/open/opening_lines.ts";

const encoder = new TextEncoder();

function readAll(chunks: readonly Uint8Array[]) {
  const lines = new OpeningLines("n1", "up");
  const found: OpeningLine[] = [];
  for (const chunk of chunks) found.push(...lines.push(chunk));
  return {
    found,
    noise: lines.noise,
    rest: new TextDecoder().decode(lines.rest),
  };
}

Deno.test("OpeningLines finds the same lines for any split of the bytes", () => {
  const text =
    "Grüße\r\nftl-n1x ftl-n1-sh\r\nftl-n1-fail Ä b\nftl-n1-up\n0000ftl-n1-x\n";
  const bytes = encoder.encode(text);
  const whole = readAll([bytes]);
  assertEquals(whole, {
    found: [
      { word: "sh", text: "" },
      { word: "fail", text: "Ä b" },
      { word: "up", text: "" },
    ],
    noise: "Grüße\r\nftl-n1x ",
    rest: "0000ftl-n1-x\n",
  });
  for (let at = 1; at < bytes.length; at++) {
    const split = readAll([bytes.subarray(0, at), bytes.subarray(at)]);
    assertEquals(split.found, whole.found);
    // Chunks after the last line are left to the next reader.
    assertEquals(whole.rest.startsWith(split.rest), true);
  }
  const single = readAll(
    Array.from(
      encoder.encode("x ftl-n1-sh\nftl-n1-up\n"),
      (byte) => new Uint8Array([byte]),
    ),
  );
  assertEquals(single.found.map(({ word }) => word), ["sh", "up"]);
});

Deno.test("OpeningLines finds a sentinel after noise without a newline", () => {
  assertEquals(readAll([encoder.encode("$ ftl-n1-up\n")]).noise, "$ ");
});

Deno.test("OpeningLines gives up when there is too much noise", () => {
  const lines = new OpeningLines("n1", "up");
  lines.push(new Uint8Array(MAX_NOISE).fill(0x41));
  assertThrows(
    () => lines.push(encoder.encode("A")),
    GateError,
    "the host has printed more than 64 KiB",
  );
});

Deno.test("OpeningLines gives up when a host repeats our lines without end", () => {
  const lines = new OpeningLines("n1", "up");
  const chunk = encoder.encode("ftl-n1-sh\n".repeat(1000));
  assertThrows(() => {
    for (let at = 0; at <= MAX_NOISE; at += chunk.length) lines.push(chunk);
  }, GateError);
});

import { assertEquals, assertThrows } from "@std/assert";
import {
  formatDuration,
  parseDuration,
} from "../../../src/core/input/duration.ts";

Deno.test("parseDuration() returns milliseconds, and reads seconds without a unit", () => {
  assertEquals(parseDuration("30"), 30_000);
  assertEquals(parseDuration("500ms"), 500);
  assertEquals(parseDuration("1.5m"), 90_000);
  assertEquals(parseDuration("2h"), 7_200_000);
});

Deno.test("parseDuration() refuses durations over a year", () => {
  assertEquals(parseDuration("8760h"), 365 * 86_400_000);
  for (const text of ["8761h", "9".repeat(400)]) {
    assertThrows(
      () => parseDuration(text),
      SyntaxError,
      "is longer than a year",
    );
  }
});

Deno.test("parseDuration() refuses text that is not a duration", () => {
  for (const text of ["", "0", "-1", "soon", "1 h", "1d"]) {
    assertThrows(
      () => parseDuration(text),
      SyntaxError,
      "is not a duration",
      text,
    );
  }
});

Deno.test("formatDuration() writes what parseDuration() reads", () => {
  for (const text of ["500ms", "30s", "15m", "2h"]) {
    assertEquals(formatDuration(parseDuration(text)), text);
  }
});

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { translateParseError } from "../../../../src/transport/ssh/guard/parse_errors.ts";
import { WireViolation } from "../../../../src/transport/ssh/guard/wire_reader.ts";

Deno.test("translateParseError() blames the host for a packet that cannot be parsed", () => {
  for (
    const [error, reason] of [
      [
        new Error("Bad packet length"),
        "it sent a packet of a length that SSH does not allow",
      ],
      [
        new RangeError("Invalid typed array length: -3"),
        "it sent a packet that is shorter than its padding",
      ],
    ] as const
  ) {
    const translated = translateParseError(error);
    assertInstanceOf(translated, WireViolation);
    assertEquals(translated.message, reason);
    assert(translated.cause === error);
  }
});

Deno.test("translateParseError() returns every other error unchanged", () => {
  for (
    const error of [
      new Error("Invalid typed array length: -3"),
      new RangeError("Maximum call stack size exceeded"),
      "Bad packet length",
    ]
  ) {
    assert(translateParseError(error) === error);
  }
});

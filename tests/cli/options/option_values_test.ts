import { assertEquals, assertThrows } from "@std/assert";
import { InvalidArgumentError } from "commander";
import {
  hostShare,
  numberOrZero,
  portNumber,
  positiveShare,
} from "../../../src/cli/options/option_values.ts";

Deno.test("option values are parsed", () => {
  assertEquals([numberOrZero("0"), numberOrZero("3")], [0, 3]);
  assertEquals([portNumber("1"), portNumber("65535")], [1, 65_535]);
  assertEquals([hostShare("0"), hostShare("100%")], [{ hosts: 0 }, {
    percent: 100,
  }]);
  assertEquals([positiveShare("5"), positiveShare("1%")], [{ hosts: 5 }, {
    percent: 1,
  }]);
});

Deno.test("invalid option values are refused", () => {
  const refused: [(value: string) => unknown, string[]][] = [
    [numberOrZero, ["-1", "x", "", "1.5"]],
    [portNumber, ["0", "65536", "ssh"]],
    [hostShare, ["101%", "x", "-1", "", "5 %"]],
    [positiveShare, ["0", "0%", "00", "101%"]],
  ];
  for (const [parse, values] of refused) {
    for (const value of values) {
      assertThrows(() => parse(value), InvalidArgumentError);
    }
  }
});

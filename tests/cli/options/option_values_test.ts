import { assertEquals, assertThrows } from "@std/assert";
import { InvalidArgumentError } from "commander";
import {
  countOrNone,
  portNumber,
  share,
  someHosts,
} from "../../../src/cli/options/option_values.ts";

Deno.test("values that options can have", () => {
  assertEquals([countOrNone("0"), countOrNone("3")], [0, 3]);
  assertEquals([portNumber("1"), portNumber("65535")], [1, 65_535]);
  assertEquals([share("0"), share("100%")], [{ hosts: 0 }, { percent: 100 }]);
  assertEquals([someHosts("5"), someHosts("1%")], [{ hosts: 5 }, {
    percent: 1,
  }]);
});

Deno.test("values that make no sense are refused", () => {
  const refused: [(value: string) => unknown, string[]][] = [
    [countOrNone, ["-1", "x", "", "1.5"]],
    [portNumber, ["0", "65536", "ssh"]],
    [share, ["101%", "x", "-1", "", "5 %"]],
    [someHosts, ["0", "0%", "00", "101%"]],
  ];
  for (const [parse, values] of refused) {
    for (const value of values) {
      assertThrows(() => parse(value), InvalidArgumentError);
    }
  }
});

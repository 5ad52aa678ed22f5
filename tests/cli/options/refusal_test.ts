import { assertEquals } from "@std/assert";
import {
  inHouseStyle,
  valueProblem,
} from "../../../src/cli/options/refusal.ts";

Deno.test("inHouseStyle() words each refusal of commander like an error of ftl", () => {
  const cases: [text: string, ours: string][] = [
    [
      "error: option '--port <number>' argument 'x' is invalid. It is not a port",
      "Cannot use --port x: it is not a port",
    ],
    [
      "error: option '-i, --inventory <source>' argument '' is invalid. It is empty",
      "Cannot use --inventory: it is empty",
    ],
    [
      "error: option '--port <number>' value 'x' from env 'FTL_PORT' is invalid. It is not a port",
      "Cannot use FTL_PORT=x: it is not a port",
    ],
    [
      "error: option '--format <name>' argument 'x' is invalid. Allowed choices are a, b, c.",
      "Cannot use --format x: it is not a known value\n     Use a, b or c",
    ],
    [
      "error: option '-l, --limit <pattern>' argument missing",
      "Cannot use --limit: no value follows it\n     Write --limit PATTERN",
    ],
    ["error: missing required argument 'src'", "The operand SRC is missing"],
    [
      "error: too many arguments for 'config'. Expected 0 arguments but got 1: x.",
      "Cannot use x: config takes no operands",
    ],
    [
      "error: too many arguments for 'push'. Expected 2 arguments but got 3: a, b, c.",
      "Cannot use a, b, c: push takes 2 operands, not 3\n" +
      "     To push several files, push a folder that has them",
    ],
    [
      "error: unknown option '--limt'\n(Did you mean --limit?)",
      "Unknown option '--limt'\n     Did you mean --limit?",
    ],
  ];
  for (const [text, ours] of cases) {
    assertEquals(inHouseStyle(`${text}\n`, ["exec"]), `ftl: ${ours}\n`);
  }
});

Deno.test("inHouseStyle() takes a value with the words of an error as a value", () => {
  const value = "' is invalid. Allowed choices are\nnone";
  assertEquals(
    inHouseStyle(
      `error: option '--port <number>' argument '${value}' is invalid. It is bad\n`,
      ["exec"],
    ),
    `ftl: Cannot use --port ${value}: it is bad\n`,
  );
});

Deno.test("valueProblem() splits the problem from what to do", () => {
  assertEquals(valueProblem("It is a text. Put the value in quotes"), {
    problem: "it is a text",
    hint: "Put the value in quotes",
  });
});

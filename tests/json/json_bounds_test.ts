import { assertEquals } from "@std/assert";
import { excessOf } from "../../src/json/json_bounds.ts";

const BOUNDS = { maxDepth: 2, maxValues: 5 };

Deno.test("excessOf() names the bound that a text exceeds", () => {
  assertEquals(excessOf('{"a": [1, 2]}', BOUNDS), undefined);
  assertEquals(
    excessOf("[[[]]]", BOUNDS),
    "it is nested more than 2 levels deep",
  );
  assertEquals(
    excessOf("[1,2,3,4,5,6]", BOUNDS),
    "it holds more than 5 values",
  );
  assertEquals(
    excessOf('{"a":1,"b":2}', { ...BOUNDS, maxKeys: 1 }),
    "it holds more than 1 different keys",
  );
});

Deno.test("excessOf() counts nothing inside strings", () => {
  assertEquals(
    excessOf('["[[[,,,,,,:"]', { ...BOUNDS, maxKeys: 0 }),
    undefined,
  );
});

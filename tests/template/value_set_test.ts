import { assertEquals } from "@std/assert";
import {
  Dict,
  Tuple,
  type Value,
} from "../../src/template/values/template_value.ts";
import { itemsWithout, ValueSet } from "../../src/template/values/value_set.ts";

Deno.test("a set knows values of all types by Python's equality", () => {
  const dict = Dict.of([["a", 1n], ["b", [true]]]);
  const set = new ValueSet([1n, "1", [1n, "x"], dict, null]);
  const same: Value[] = [1, true, "1", [1, "x"], null];
  same.push(Dict.of([["b", [1n]], ["a", 1]]));
  for (const value of same) assertEquals(set.has(value), true, String(value));
  const others: Value[] = [2n, "", [1n], ["1", "x"], Tuple.make([1n, "x"])];
  others.push(Dict.of([["a", 1n]]), NaN, [NaN], 1.5, "null", "[1]");
  for (const value of others) {
    assertEquals(set.has(value), false, String(value));
  }
});

Deno.test("a NaN equals nothing", () => {
  const set = new ValueSet();
  assertEquals([set.add(NaN), set.add(NaN), set.has(NaN)], [true, true, false]);
  assertEquals(itemsWithout([NaN, 1n], [NaN, 1]), [NaN]);
});

Deno.test("long lists of dicts, lists and NaN take linear time", () => {
  const items = Array.from(
    { length: 200_000 },
    (_, at): Value =>
      at % 3 === 0 ? Dict.of([["k", BigInt(at)]]) : at % 3 === 1 ? [at] : NaN,
  );
  assertEquals(itemsWithout(items, items.toReversed()).length, 66_666);
});

import { assertEquals, assertThrows } from "@std/assert";
import { InventoryError } from "../../src/errors.ts";
import { expandRange, holdsRange } from "../../src/inventory/range.ts";

const cases: [text: string, names: string[]][] = [
  ["web1", ["web1"]],
  ["web[1:3]", ["web1", "web2", "web3"]],
  ["web[08:10]", ["web08", "web09", "web10"]],
  ["web[8:10]", ["web8", "web9", "web10"]],
  ["web[:2]", ["web0", "web1", "web2"]],
  ["web[0:10:5]x", ["web0x", "web5x", "web10x"]],
  ["db-[a:c]", ["db-a", "db-b", "db-c"]],
  ["[a:b][1:2]", ["a1", "a2", "b1", "b2"]],
  ["web[01-02,07].example.com", [
    "web01.example.com",
    "web02.example.com",
    "web07.example.com",
  ]],
];

for (const [text, names] of cases) {
  Deno.test(`expandRange() expands ${text}`, () => {
    assertEquals(expandRange(text), names);
  });
}

const faults: [text: string, complaint: string][] = [
  ["web[3:1]", "its end is before its start"],
  ["web[01:100]", "01 and 100 must have the same number of digits"],
  ["web[1:", "a [ is not closed"],
  ["web[1:]", "[1:] is not a range such as [01:40] or [a:f]"],
  ["web[x]", "[x] is not a range"],
  ["web[1:9:0]", "its step is 0"],
  ["web[1:9999999999]", "it expands to too many names"],
  ["a[1:10000]b[1:10000]", "it expands to too many names"],
];

for (const [text, complaint] of faults) {
  Deno.test(`expandRange() refuses ${text}`, () => {
    assertThrows(() => expandRange(text), InventoryError, complaint);
  });
}

Deno.test("holdsRange() distinguishes a range from a character class", () => {
  assertEquals(
    ["web[1-3]", "web[01:40]", "web[1,4]", "web[!1]", "web[12]", "w*[1-3]"]
      .map(holdsRange),
    [true, true, true, false, false, false],
  );
});

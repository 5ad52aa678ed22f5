import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareNatural, foldNames } from "../../src/inventory/fold.ts";
import { splitOutside } from "../../src/inventory/split_pattern.ts";
import { expandRange } from "../../src/inventory/range.ts";

const cases: [why: string, names: string[], folded: string][] = [
  ["joins consecutive numbers", ["web2", "web1", "web3"], "web[1-3]"],
  ["keeps padding", expandRange("web[01:40]"), "web[01-40]"],
  ["names gaps", ["web1", "web2", "web7"], "web[1-2,7]"],
  [
    "puts different heads side by side",
    ["db1", "web1", "web2"],
    "db1,web[1-2]",
  ],
  [
    "folds in front of a domain",
    ["web01.example.com", "web02.example.com"],
    "web[01-02].example.com",
  ],
  ["lets numbers outgrow their padding", ["n98", "n99", "n100"], "n[98-100]"],
  [
    "keeps padded and unpadded apart",
    ["n09", "n10", "n9", "n100"],
    "n[9,09-10,100]",
  ],
  [
    "folds on the number that most names share",
    ["r1n1", "r1n2", "r1n3", "r2n1"],
    "r1n[1-3],r2n1",
  ],
  ["folds addresses", ["10.0.0.9", "10.0.0.10"], "10.0.0.[9-10]"],
  ["leaves lone names alone", ["web1", "db2"], "db2,web1"],
  ["drops repeats", ["a", "a", "a1", "a1"], "a,a1"],
  ["leaves names with brackets alone", ["x[1]", "x[2]"], "x[1],x[2]"],
  [
    "does not confuse names with properties",
    ["__proto__", "constructor"],
    "__proto__,constructor",
  ],
  ["has nothing to say about nothing", [], ""],
];

for (const [why, names, folded] of cases) {
  Deno.test(`foldNames() ${why}: ${folded}`, () => {
    assertEquals(foldNames(names), folded);
  });
}

Deno.test("foldNames() of any names expands to the same names", () => {
  const part = fc.constantFrom(
    "web",
    "db",
    "-",
    ".",
    "0",
    "1",
    "9",
    "10",
    "01",
    "009",
  );
  const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) =>
    parts.join("")
  );
  fc.assert(fc.property(fc.array(name), (names) => {
    const back = splitOutside(foldNames(names), ",").filter((word) =>
      word !== ""
    )
      .flatMap(expandRange);
    assertEquals(back.sort(), [...new Set(names)].sort());
  }));
});

Deno.test("compareNatural() puts web2 before web10, and is total", () => {
  const sorted = ["web10", "web2", "web02", "web", "a10b", "a9b"].sort(
    compareNatural,
  );
  assertEquals(sorted, ["a9b", "a10b", "web", "web02", "web2", "web10"]);
});

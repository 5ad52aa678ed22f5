import { assertEquals } from "@std/assert";
import { globToRegExp, isGlob } from "../../../src/inventory/pattern/glob.ts";

const cases: [glob: string, matches: string[], misses: string[]][] = [
  ["web*", ["web", "web1"], ["aweb", "we"]],
  ["web?", ["web1"], ["web", "web12"]],
  ["web[12]", ["web1"], ["web3", "web12"]],
  ["web[!1-3]", ["web4"], ["web1", "web"]],
  ["a.b+c", ["a.b+c"], ["axb+c", "a.bbc"]],
  ["[]x]", ["]", "x"], ["[]x]"]],
  ["[!]]", ["a"], ["]"]],
  ["a[", ["a["], ["a"]],
  ["[c-a]", [], ["a", "b", "c"]],
  ["[!c-a]", ["a", "z"], [""]],
  ["[@x-1-03]", ["@", "-", "0", "3"], ["1", "2", "x"]],
  ["[a-x-1]", ["b", "-", "1"], ["y", "0"]],
  ["[--x-1]", ["-", "5", "x", "1"], ["y", ","]],
  ["[\u{1F600}-\u{1F602}]?", ["\u{1F601}\u{1F605}"], [
    "\u{1F603}a",
    "\u{1F601}",
  ]],
  ["[^a]", ["^", "a"], ["b"]],
  ["[a\\]", ["a", "\\"], ["b"]],
  ["*b*c", ["bc", "abbcc", "bxc"], ["cb", "bcx"]],
  ["a**b*", ["ab", "axbx"], ["ba"]],
  ["*ab*ab", ["abab", "xababab"], ["ab", "aba"]],
];

for (const [glob, matches, misses] of cases) {
  Deno.test(`globToRegExp() matches ${glob} as fnmatch does`, () => {
    const regex = globToRegExp(glob);
    assertEquals(matches.filter((name) => !regex.test(name)), []);
    assertEquals(misses.filter((name) => regex.test(name)), []);
  });
}

Deno.test("isGlob() is false for a plain name", () => {
  assertEquals(["web1.example.com", "web*", "w?", "w[1]"].map(isGlob), [
    false,
    true,
    true,
    true,
  ]);
});

Deno.test("a glob with many stars takes no long time", () => {
  const regex = globToRegExp("*a".repeat(40) + "(");
  assertEquals(regex.test("a".repeat(200)), false);
});

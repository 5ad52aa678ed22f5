import { assertEquals } from "@std/assert";
import { matchesPatterns } from "../../src/transport/openssh_patterns.ts";

Deno.test("matchesPatterns() knows *, ? and plain text", () => {
  const cases: [string, string, boolean][] = [
    ["web1", "web1", true],
    ["web1", "web", false],
    ["web1", "web?", true],
    ["web", "web?", false],
    ["", "*", true],
    ["a.b.example", "*.example", true],
    ["example", "*.example", false],
    ["aXbXc", "a*b*c", true],
    ["abab", "*ab", true],
    ["a.c", "a?c", true],
    ["a(c", "a(c", true],
  ];
  for (const [text, pattern, expected] of cases) {
    assertEquals(matchesPatterns(text, [pattern]), expected, `${pattern}`);
  }
});

Deno.test("matchesPatterns() lets a negated pattern decide", () => {
  assertEquals(matchesPatterns("db1", ["*", "!db*"]), false);
  assertEquals(matchesPatterns("web1", ["*", "!db*"]), true);
  assertEquals(matchesPatterns("web1", ["!db*"]), false);
});

Deno.test("matchesPatterns() takes no longer for many stars", () => {
  const stars = "*a".repeat(30) + "b";
  assertEquals(matchesPatterns("a".repeat(3000), [stars]), false);
});

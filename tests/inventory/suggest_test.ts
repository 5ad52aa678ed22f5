import { assertEquals } from "@std/assert";
import { closest } from "../../src/inventory/suggest.ts";

const names = ["web", "db", "canary", "web01.example.com"];

const cases: [typed: string, meant: string | undefined][] = [
  ["wbe", "web"],
  ["canry", "canary"],
  ["cannary", "canary"],
  ["web01.exmaple.com", "web01.example.com"],
  ["d", "db"],
  ["production", undefined],
  ["x", undefined],
];

for (const [typed, meant] of cases) {
  Deno.test(`closest() suggests ${meant ?? "nothing"} for ${typed}`, () => {
    assertEquals(closest(typed, names), meant);
  });
}

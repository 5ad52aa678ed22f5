import { assertEquals } from "@std/assert";
import { suggest } from "../../../src/gate/modules/suggest_module.ts";

const KNOWN = ["apt", "apt_key", "file", "find", "ping", "pip"];

Deno.test("suggest() finds names with one letter added, missing, changed or swapped", () => {
  for (const word of ["pingg", "pin", "pong", "pnig"]) {
    assertEquals(suggest(word, KNOWN)[0], "ping", word);
  }
});

Deno.test("suggest() returns nothing when no name is close", () => {
  assertEquals(suggest("kubernetes", KNOWN), []);
});

Deno.test("suggest() returns up to three names, the closest first, each once", () => {
  assertEquals(suggest("aptkey", [...KNOWN, "apt_key"]), ["apt_key"]);
  assertEquals(suggest("aa", ["a", "b", "ab", "ac", "ad"]).length, 3);
});

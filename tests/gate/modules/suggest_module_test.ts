import { assertEquals } from "@std/assert";
import { suggest } from "../../../src/gate/modules/suggest_module.ts";

const KNOWN = ["apt", "apt_key", "file", "find", "ping", "pip"];

Deno.test("suggest() forgives a letter too many, too few, changed or swapped", () => {
  for (const word of ["pingg", "pin", "pong", "pnig"]) {
    assertEquals(suggest(word, KNOWN)[0], "ping", word);
  }
});

Deno.test("suggest() says nothing when all known words are far off", () => {
  assertEquals(suggest("kubernetes", KNOWN), []);
});

Deno.test("suggest() gives at most three words, the closest first, each once", () => {
  assertEquals(suggest("aptkey", [...KNOWN, "apt_key"]), ["apt_key"]);
  assertEquals(suggest("aa", ["a", "b", "ab", "ac", "ad"]).length, 3);
});

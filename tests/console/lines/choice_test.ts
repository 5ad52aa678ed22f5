import { assertEquals } from "@std/assert";
import { addPattern, dropPattern } from "../../../src/console/lines/choice.ts";

Deno.test("addPattern() joins patterns that have no ! or &", () => {
  assertEquals(addPattern("web", "db*", ["web1", "db1"]), "web,db*");
});

Deno.test("addPattern() names the hosts when a pattern excludes some", () => {
  assertEquals(addPattern("web:!web2", "web2", ["web1", "web2"]), "web[1-2]");
});

Deno.test("dropPattern() excludes one term", () => {
  assertEquals(dropPattern("web", "web2", ["web1"]), "web:!web2");
  assertEquals(dropPattern("web,db", "web2", ["web1"]), "web,db,!web2");
});

Deno.test("dropPattern() names the remaining hosts when there are several terms", () => {
  assertEquals(dropPattern("all", "web:&dc1", ["web1", "web3"]), "web[1,3]");
  assertEquals(dropPattern("all", "@last:ok", ["web1"]), "web1");
});

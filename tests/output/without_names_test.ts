import { assertEquals } from "@std/assert";
import { withoutNames } from "../../src/output/without_names.ts";

Deno.test("withoutNames() replaces the host's name and addresses", () => {
  assertEquals(
    withoutNames("Cannot reach web1: 10.0.0.1 port 22 refused it", "web1"),
    "Cannot reach HOST: ADDRESS port 22 refused it",
  );
  assertEquals(withoutNames("web1 is fe80::1", "web1"), "HOST is ADDRESS");
});

Deno.test("withoutNames() keeps ports and versions", () => {
  const message = "Version 3.11.2 listened on port 22";
  assertEquals(withoutNames(message, "web1"), message);
});

Deno.test("withoutNames() replaces whole names only", () => {
  assertEquals(
    withoutNames("a cannot reach a.b", "a"),
    "HOST cannot reach a.b",
  );
  assertEquals(withoutNames("is web1.", "web1"), "is HOST.");
  assertEquals(withoutNames("web10 and my-web1", "web1"), "web10 and my-web1");
});

import { assertEquals } from "@std/assert";
import { withoutNames } from "../../src/output/without_names.ts";

Deno.test("withoutNames() replaces the host's name and addresses", () => {
  assertEquals(
    withoutNames("Cannot reach web1: 10.0.0.1 port 22 refused it", "web1"),
    "Cannot reach HOST: ADDRESS port 22 refused it",
  );
  assertEquals(withoutNames("web1 is fe80::1", "web1"), "HOST is ADDRESS");
  assertEquals(
    withoutNames("It is at [::1]:22", "web1"),
    "It is at [ADDRESS]:22",
  );
});

Deno.test("withoutNames() keeps ports, versions and places in files", () => {
  for (
    const message of [
      "Version 3.11.2 listened on port 22",
      "It is encrypted in group_vars/web.yml:1:17, and cannot be read",
      "It is in /etc/abc:1:17",
    ]
  ) assertEquals(withoutNames(message, "web1"), message);
});

Deno.test("withoutNames() replaces whole names only", () => {
  assertEquals(
    withoutNames("a cannot reach a.b", "a"),
    "HOST cannot reach a.b",
  );
  assertEquals(withoutNames("is web1.", "web1"), "is HOST.");
  assertEquals(withoutNames("web10 and my-web1", "web1"), "web10 and my-web1");
});

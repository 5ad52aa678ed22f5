import { assertEquals, assertStrictEquals } from "@std/assert";
import { SharedSettings } from "../../../src/core/route/shared_settings.ts";

Deno.test("settings that say the same are kept once", () => {
  const settings = new SharedSettings();
  const first = { hostKeys: "off", files: ["a"] };
  assertStrictEquals(settings.of(first), first);
  assertStrictEquals(settings.of({ hostKeys: "off", files: ["a"] }), first);
  assertEquals(settings.of({ hostKeys: "off", files: [] }), {
    hostKeys: "off",
    files: [],
  });
  assertEquals(settings.of(undefined), undefined);
});

Deno.test("a setting that is undefined is not one that is absent", () => {
  const settings = new SharedSettings();
  settings.of({ user: undefined });
  assertEquals(Object.keys(settings.of<object>({})), []);
});

import { assertEquals } from "@std/assert";
import { FtlError, nameSettings } from "../src/errors.ts";
import { SETTING_NAMES } from "../src/cli/options/setting_names.ts";

Deno.test("a hint calls settings by the library's names", () => {
  const { hint } = new FtlError("Cannot", { hint: "Raise `connectTimeoutMs`" });
  assertEquals(hint, "Raise `connectTimeoutMs`");
});

Deno.test("a hint calls settings by the command line's options", () => {
  nameSettings(SETTING_NAMES);
  try {
    const hint = "Raise `connectTimeoutMs`, or run `uptime` there";
    assertEquals(
      new FtlError("Cannot", { hint }).hint,
      "Raise --connect-timeout, or run `uptime` there",
    );
  } finally {
    nameSettings({});
  }
});

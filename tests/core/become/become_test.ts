import { assertEquals, assertThrows } from "@std/assert";
import { becomeKey, resolveBecome } from "../../../src/core/become/become.ts";
import { InventoryError } from "../../../src/errors.ts";
import {
  type BecomeSettings,
  NO_BECOME,
} from "../../../src/inventory/connection/connection_settings.ts";

function whom(
  said: Partial<BecomeSettings>,
  overrides?: Parameters<typeof resolveBecome>[2],
): string | undefined {
  const become = resolveBecome("web1", { ...NO_BECOME, ...said }, overrides);
  return become && `${become.method} ${become.user}`;
}

Deno.test("resolveBecome() uses the host's variables when nothing else is set", () => {
  assertEquals(whom({}), undefined);
  assertEquals(whom({ user: "app" }), undefined);
  assertEquals(whom({ enabled: false }), undefined);
  assertEquals(whom({ enabled: true }), "sudo root");
  assertEquals(
    whom({ enabled: true, user: "app", method: "doas" }),
    "doas app",
  );
});

Deno.test("resolveBecome() lets the command line win, both ways", () => {
  assertEquals(whom({ enabled: false }, { enabled: true }), "sudo root");
  assertEquals(whom({ enabled: true }, { enabled: false }), undefined);
  assertEquals(whom({ user: "app" }, { enabled: true }), "sudo app");
  assertEquals(
    whom({ user: "app", method: "su" }, {
      enabled: true,
      user: "db",
      method: "doas",
    }),
    "doas db",
  );
});

Deno.test("resolveBecome() refuses an unknown method only when it is used", () => {
  assertEquals(whom({ method: "pbrun" }), undefined);
  assertThrows(
    () => whom({ method: "pbrun", enabled: true }),
    InventoryError,
    "unknown become method 'pbrun'",
  );
});

Deno.test("becomeKey() tells users, methods and programs apart", () => {
  const keys = [
    undefined,
    ...[{}, { user: "app" }, { method: "su" }, { executable: "/x" }, {
      flags: ["-E"],
    }]
      .map((said) =>
        resolveBecome("web1", { ...NO_BECOME, ...said }, { enabled: true })
      ),
  ].map(becomeKey);
  assertEquals(new Set(keys).size, keys.length);
});

import { assertEquals, assertThrows } from "@std/assert";
import { callOf } from "../../../src/cli/input/call_options.ts";
import { UsageError } from "../../../src/cli/process/exit_code.ts";

Deno.test("callOf() reads --env, and turns seconds into milliseconds", () => {
  const call = callOf({ env: ["A=1", "B=x=y", "C="], timeout: 1.5 });
  assertEquals(call.env, { A: "1", B: "x=y", C: "" });
  assertEquals(call.timeoutMs, 1500);
  assertEquals("timeoutMs" in callOf({}), false);
});

Deno.test("callOf() masks everything only with --no-log", () => {
  assertEquals(callOf({ log: false }).noLog, true);
  assertEquals(callOf({ log: true }).noLog, false);
  assertEquals(callOf({}).noLog, false);
});

Deno.test("callOf() refuses an --env that is not KEY=VALUE", () => {
  for (const text of ["A", "=1", "1A=x", "a b=c"]) {
    assertThrows(
      () => callOf({ env: [text] }),
      UsageError,
      `Cannot read --env ${text}: it is not KEY=VALUE`,
    );
  }
});

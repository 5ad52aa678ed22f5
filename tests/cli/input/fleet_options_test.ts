import { assertEquals, assertThrows } from "@std/assert";
import {
  becomeOf,
  connectionOf,
} from "../../../src/cli/input/fleet_options.ts";
import { UsageError } from "../../../src/cli/process/exit_code.ts";
import {
  type Context,
  processContext,
} from "../../../src/cli/commands/context.ts";

/** This process with FTL_BECOME set to a text. */
function context(text?: string): Context {
  const env = (name: string) => name === "FTL_BECOME" ? text : undefined;
  return { ...processContext(new AbortController().signal), env };
}

Deno.test("connectionOf() converts seconds, and leaves out what is not set", () => {
  const set = (options: Parameters<typeof connectionOf>[0]) =>
    Object.fromEntries(
      Object.entries(connectionOf(options))
        .filter(([, value]) => value !== undefined),
    );
  assertEquals(set({}), {});
  assertEquals(
    set({ connectTimeout: 1.5, connection: "openssh", privateKey: ["k"] }),
    { connectTimeoutMs: 1500, transport: "openssh", identityFiles: ["k"] },
  );
});

Deno.test("becomeOf() reads FTL_BECOME unless an option decides", () => {
  const enabled = (text?: string, become?: boolean) =>
    becomeOf({ ...(become !== undefined && { become }) }, context(text))
      .enabled;
  assertEquals(["1", "Yes", "true", "on"].map((text) => enabled(text)), [
    true,
    true,
    true,
    true,
  ]);
  assertEquals(["0", "no", "False", "off"].map((text) => enabled(text)), [
    false,
    false,
    false,
    false,
  ]);
  assertEquals([enabled(), enabled("")], [undefined, undefined]);
  assertEquals(enabled("0", true), true);
});

Deno.test("becomeOf() refuses another value of FTL_BECOME", () => {
  assertThrows(
    () => becomeOf({}, context("root")),
    UsageError,
    'Cannot use FTL_BECOME: "root" is neither 1 nor 0',
  );
});

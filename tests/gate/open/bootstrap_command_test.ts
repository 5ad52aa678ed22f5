import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertMatch,
  assertThrows,
} from "@std/assert";
import {
  bootstrapCommand,
  PYTHONS,
  pythonsToTry,
  stageLine,
} from "../../../src/gate/open/bootstrap_command.ts";

const options = {
  nonce: "0123456789abcdef0123456789abcdef",
  length: 99_999,
  id: "f".repeat(64),
  archive: "hint",
  linkLoss: "finish",
} as const;

Deno.test("bootstrapCommand() is one line of at most 1 KiB", () => {
  const command = bootstrapCommand(options);
  assertLessOrEqual(command.length, 1024);
  const longest = bootstrapCommand({
    ...options,
    python: "/" + "p".repeat(254),
  });
  assertLessOrEqual(longest.length, 1024);
});

Deno.test("bootstrapCommand() contains nothing that login shells read differently", () => {
  const [, inside] = /^exec \/bin\/sh -c '(.*)'$/.exec(
    bootstrapCommand(options),
  )!;
  assertMatch(inside!, /^[^!'"\\\n`]+$/);
});

Deno.test("bootstrapCommand() does not contain the sentinel that it prints", () => {
  const command = bootstrapCommand(options);
  assert(!command.includes(`ftl-${options.nonce}-`));
});

Deno.test("bootstrapCommand() refuses an interpreter with characters of the shell", () => {
  for (const python of ["", "-c", "a b", "p;id", "$HOME/p", "p'", "p\n"]) {
    assertThrows(
      () => bootstrapCommand({ ...options, python }),
      RangeError,
      "Cannot use the Python interpreter",
    );
  }
});

Deno.test("pythonsToTry() starts with the distribution's, for auto too", () => {
  assertEquals(PYTHONS.slice(0, 4), [
    "/usr/bin/python3",
    "/usr/libexec/platform-python",
    "python3",
    "python3.13",
  ]);
  assertEquals(PYTHONS.at(-1), "python3.6");
  assertEquals(pythonsToTry("auto_silent"), PYTHONS);
  assertEquals(pythonsToTry("~/py/bin/python"), ["~/py/bin/python"]);
});

Deno.test("stageLine() is one line of ASCII", () => {
  const line = new TextDecoder().decode(stageLine());
  assertMatch(line, /^exec\("[\x20-\x7e]+"\)\n$/);
});

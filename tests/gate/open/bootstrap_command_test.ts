import { assert, assertLessOrEqual, assertMatch } from "@std/assert";
import {
  bootstrapCommand,
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
  for (
    const word of [
      "p".repeat(254),
      `${"p".repeat(240)} -I`,
      "p p p".padEnd(233, "p"),
    ]
  ) {
    const longest = bootstrapCommand({ ...options, python: `/${word}` });
    assertLessOrEqual(longest.length, 1024);
  }
});

Deno.test("bootstrapCommand() contains nothing that login shells read differently", () => {
  for (
    const python of [undefined, "/usr/bin/env python3", "'/a b/python' -I"]
  ) {
    const command = bootstrapCommand({ ...options, python });
    assertMatch(command, /^exec \/bin\/sh -c '[^!'"\\\n`]+'$/);
  }
});

Deno.test("bootstrapCommand() does not contain the sentinel that it prints", () => {
  const command = bootstrapCommand(options);
  assert(!command.includes(`ftl-${options.nonce}-`));
});

Deno.test("stageLine() is one line of ASCII", () => {
  const line = new TextDecoder().decode(stageLine());
  assertMatch(line, /^exec\("[\x20-\x7e]+"\)\n$/);
});

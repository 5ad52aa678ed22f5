import { assertEquals, assertThrows } from "@std/assert";
import { BuildError } from "../../../src/errors.ts";
import { detectKind } from "../../../src/gate/modules/module_kind.ts";

const FOLDER = new URL("../../fixtures/modules/kinds/", import.meta.url);
const expected: Record<string, string> = JSON.parse(
  Deno.readTextFileSync(new URL("kinds.json", FOLDER)),
);

for (const [name, kind] of Object.entries(expected)) {
  Deno.test(`detectKind() says of ${name}: ${kind}`, async () => {
    const bytes = await Deno.readFile(new URL(name, FOLDER));
    if (kind === "refused") assertThrows(() => detectKind(bytes), BuildError);
    else assertEquals(detectKind(bytes), kind);
  });
}

Deno.test("every file in the fixtures of kinds has an expectation", async () => {
  const names = [];
  for await (const { name } of Deno.readDir(FOLDER)) names.push(name);
  assertEquals(
    names.filter((name) => name !== "kinds.json").sort(),
    Object.keys(expected).sort(),
  );
});

Deno.test("detectKind() names the marker that it refuses", () => {
  const refused = (text: string) => () =>
    detectKind(new TextEncoder().encode(text));
  assertThrows(
    refused("#!powershell\n"),
    BuildError,
    'PowerShell module (it has "#!powershell")',
  );
  assertThrows(
    refused("x = '<<SELINUX_SPECIAL_FILESYSTEMS>>'\n"),
    BuildError,
    "it has <<SELINUX_SPECIAL_FILESYSTEMS>>",
  );
  assertThrows(
    refused('DOCUMENTATION = """x"""\n'),
    BuildError,
    "only the documentation of an action plugin",
  );
});

Deno.test("detectKind() accepts any module that is named as native", () => {
  const bytes = new TextEncoder().encode("#!/bin/sh\n# WANT_JSON\n");
  assertEquals(detectKind(bytes, { native: true }), "native");
});

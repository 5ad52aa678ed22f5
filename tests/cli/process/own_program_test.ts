import { assert, assertEquals } from "@std/assert";
import {
  CACHED_OPTIONS,
  PORTABLE_OPTIONS,
} from "../../../src/cli/process/own_program.ts";
import {
  CACHED_V8_FLAGS,
  PERMISSIONS,
  V8_FLAGS,
} from "../../../scripts/compile/bundle.ts";
import head from "../../../scripts/compile/head.sh" with { type: "text" };

Deno.test("a portable binary starts itself with the options of its head", () => {
  const [, options = ""] = /deno" run \\\n([^]*?)\\\n\s*\$flags/.exec(head) ??
    [];
  const ofHead = options.split(/[\s\\]+/).filter(Boolean);
  assert(ofHead.includes("--no-remote"));
  assertEquals(PORTABLE_OPTIONS, [
    ...ofHead,
    ...PERMISSIONS,
    `--v8-flags=${V8_FLAGS.join(",")}`,
  ]);
  const [, added = ""] = /flags=\$flags,(\S+)/.exec(head) ?? [];
  assertEquals(V8_FLAGS.concat(added.split(",")), CACHED_V8_FLAGS);
  assertEquals(CACHED_OPTIONS, [
    ...ofHead,
    ...PERMISSIONS,
    `--v8-flags=${CACHED_V8_FLAGS.join(",")}`,
  ]);
});

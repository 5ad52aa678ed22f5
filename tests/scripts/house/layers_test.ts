import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { checkSources } from "../../../scripts/house/main.ts";

Deno.test("checkSources() finds nothing where every import points downwards", async () => {
  const messages = await check({
    "src/errors.ts": "export const a = 1;\n",
    "src/async/deadline.ts": 'import "../errors.ts";\n',
    "src/protocol/frame.ts": 'import "../async/deadline.ts";\n',
    "src/core/run.ts": 'import "../protocol/frame.ts";\nimport "node:fs";\n',
    "src/mod.ts": 'export * from "./core/run.ts";\n',
    "src/cli/main.ts": 'import "../mod.ts";\nDeno.exit(console.log("x"));\n',
  });
  assertEquals(messages, []);
});

for (
  const [kind, statement] of [
    ["a static import", 'import "../output/text.ts";'],
    ["an export", 'export * from "../output/text.ts";'],
    ["a dynamic import", 'await import("../output/text.ts");'],
    ["an import of types", 'import type { T } from "../output/text.ts";'],
    ["a type's import", 'type T = import("../output/text.ts").T;'],
  ] as const
) {
  Deno.test(`checkSources() names ${kind} that points upwards`, async () => {
    const messages = await check({
      "src/output/text.ts": "export type T = 1;\n",
      "src/core/run.ts": `// Runs.\n${statement}\n`,
    });
    assertEquals(messages, [
      "src/core/run.ts:2: core may not import output (src/output/text.ts)",
    ]);
  });
}

Deno.test("checkSources() keeps folders of one level from knowing each other", async () => {
  const messages = await check({
    "src/protocol/message.ts": "export const a = 1;\n",
    "src/store/store.ts": 'import "../protocol/message.ts";\n',
  });
  assertEquals(messages, [
    "src/store/store.ts:1: store may not import protocol" +
    " (src/protocol/message.ts)",
  ]);
});

Deno.test("checkSources() lets only cli import the library's face", async () => {
  const messages = await check({
    "src/mod.ts": "export const a = 1;\n",
    "src/console/session.ts": 'import "../mod.ts";\n',
    "src/cli/run.ts": 'import "../mod.ts";\n',
  });
  assertEquals(messages, [
    "src/console/session.ts:1: console may not import mod (src/mod.ts)",
  ]);
});

Deno.test("checkSources() names a folder that is not a layer", async () => {
  const messages = await check({
    "src/errors.ts": "export const a = 1;\n",
    "src/utils/text.ts": 'import "../errors.ts";\n',
  });
  assertEquals(messages, [
    "src/utils/text.ts:1: utils is not a layer of docs/architecture.md",
  ]);
});

Deno.test("checkSources() names an import from outside src", async () => {
  const messages = await check({
    "tests/sample.ts": "export const a = 1;\n",
    "std/path.ts": "export const a = 1;\n",
    "src/core/run.ts":
      'import "../../tests/sample.ts";\nimport "../../std/path.ts";\n',
  });
  assertEquals(messages, [
    "src/core/run.ts:1: tests/sample.ts is outside src and" +
    " may not be imported there",
  ]);
});

Deno.test("checkSources() keeps ssh2 and fflate in their files", async () => {
  const messages = await check({
    "src/transport/ssh/library/ssh2.ts": 'import "npm:ssh2@1.17.0";\n',
    "src/transport/ssh/stream.ts": 'import type { Client } from "ssh2";\n',
    "src/transport/local.ts": 'await import("ssh2/lib/client.js");\n',
    "src/gate/format/zipapp.ts": 'import "fflate";\n',
    "src/gate/archive/build.ts": 'import type { Zip } from "fflate";\n',
  });
  assertEquals(messages, [
    "src/gate/archive/build.ts:1: fflate may be imported in src/gate/format/zipapp.ts only",
    "src/transport/local.ts:1: ssh2 may be imported in src/transport/ssh/library/ssh2.ts only",
    "src/transport/ssh/stream.ts:1: ssh2 may be imported in src/transport/ssh/library/ssh2.ts only",
  ]);
});

Deno.test("checkSources() shows a circle of imports from end to end", async () => {
  const messages = await check({
    "src/core/a.ts": 'import "./b.ts";\n',
    "src/core/b.ts": 'import type { C } from "./c.ts";\n',
    "src/core/c.ts": 'import "./a.ts";\nexport type C = 1;\n',
  });
  assertEquals(messages, [
    "src/core/a.ts: Files import each other in a circle:" +
    " src/core/a.ts > src/core/b.ts > src/core/c.ts > src/core/a.ts",
  ]);
});

Deno.test("checkSources() shows a circle between Python files of the runtime", async () => {
  const folder = "src/gate/runtime/ftl_gate";
  const messages = await check({
    [`${folder}/a.py`]: "from . import b\n",
    [`${folder}/b.py`]: "def f():\n    from .a import g\n",
  });
  assertEquals(messages, [
    `${folder}/a.py: Files import each other in a circle: ` +
    `${folder}/a.py > ${folder}/b.py > ${folder}/a.py`,
  ]);
});

Deno.test("checkSources() names printing and exiting below cli, not in comments", async () => {
  const messages = await check({
    "src/core/run.ts": "// console.log(1)\n" +
      "/**\n * Deno.exit(1)\n */\nDeno.exit(1);\n  console.error(1);\n",
  });
  assertEquals(messages, [
    "src/core/run.ts:5: Deno.exit may be used in src/cli only",
    "src/core/run.ts:6: console.error may be used in src/cli only",
  ]);
});

Deno.test("checkSources() counts lines, those of Python too", async () => {
  const messages = await check({
    "src/gate/runtime/short.py": "pass\n".repeat(400),
    "src/gate/runtime/long.py": "pass\n".repeat(401),
  });
  assertEquals(messages, [
    "src/gate/runtime/long.py: 401 lines are over the 400 allowed",
  ]);
});

Deno.test("checkSources() shows a circle between folders, not one with a parent", async () => {
  const messages = await check({
    "src/core/run/run.ts":
      'import "../work/task.ts";\nimport "../shared.ts";\n',
    "src/core/work/task.ts": "export const task = 1;\n",
    "src/core/work/plan.ts": 'import "../run/report.ts";\n',
    "src/core/run/report.ts": "export const report = 1;\n",
    "src/core/shared.ts": 'import "./run/report.ts";\n',
  });
  assertEquals(messages, [
    "src/core/run: Folders import each other in a circle:" +
    " src/core/run > src/core/work > src/core/run",
  ]);
});

Deno.test("checkSources() names files and exports that share a name", async () => {
  const messages = await check({
    "src/core/a/mod.ts": "export function open(): void {}\n",
    "src/core/b/mod.ts": "export const closed = 1;\n",
    "src/core/b/door.ts": "export class open {}\n",
    "src/core/c/door.ts":
      "const closed = 1;\nexport type Closed = typeof closed;\n",
  });
  assertEquals(messages, [
    "src/core/c/door.ts: The file name door.ts is taken by src/core/b/door.ts",
    "src/core/b/door.ts: The exported name open is taken by src/core/a/mod.ts",
  ]);
});

/** Checks a checkout that holds these files. */
async function check(files: Record<string, string>): Promise<string[]> {
  const root = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), text);
    }
    return await checkSources(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

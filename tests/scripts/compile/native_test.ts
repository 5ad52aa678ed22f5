// The native path with a stand-in for denort: any program that Deno can put a
// section into. It proves which program is taken, what is put into it, and with
// which permissions; that the result starts is for a real denort to show.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { bundle, V8_FLAGS } from "../../../scripts/compile/bundle.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));
const TASK = ["run", "-A", join(ROOT, "scripts/compile.ts")];

async function compile(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...TASK, ...args],
    env: { NO_COLOR: "1", ...env },
    cwd: ROOT,
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test({
  name:
    "with DENORT_BIN the binary is that program, and the bundle, the same each time",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const output = await Deno.makeTempDir();
    try {
      const env = { DENORT_BIN: "/usr/bin/true" };
      const { code, stdout, stderr } = await compile(
        ["--native", "--output", output],
        env,
      );
      assertEquals(code, 0, stderr);
      assertStringIncludes(stdout, `${output}/ftl: native, for `);
      const bytes = await Deno.readFile(join(output, "ftl"));
      const { success } = await new Deno.Command(join(output, "ftl")).output();
      assert(success, "it is not the program that DENORT_BIN names");

      const text = new TextDecoder("latin1").decode(bytes);
      const start = text.indexOf('{"argv":[],');
      const about = JSON.parse(text.slice(start, text.indexOf("\0", start)));
      for (const name of ["read", "write", "net", "env", "run", "sys"]) {
        // An empty list means all.
        assertEquals(about.permissions[`allow_${name}`], [], name);
      }
      assertEquals(about.permissions.prompt, false);
      // Deno's own come first.
      assertEquals(about.v8_flags.slice(-V8_FLAGS.length), V8_FLAGS);
      assertEquals(about.node_modules, null);

      const again = join(output, "again");
      await compile(["--native", "--output", again], env);
      assertEquals(await Deno.readFile(join(again, "ftl")), bytes);

      const { files } = await bundle(ROOT);
      for (const [name, content] of files) {
        const begin = new TextDecoder("latin1").decode(content.slice(0, 200));
        assertStringIncludes(text, begin, `${name} is not in it`);
      }
      const bill = JSON.parse(
        await Deno.readTextFile(join(output, "ftl.cdx.json")),
      );
      const digest = await crypto.subtle.digest("SHA-256", bytes);
      assertEquals(bill.metadata.component.hashes[0].content, hex(digest));
      const sums = await Deno.readTextFile(join(output, "SHA256SUMS"));
      assertStringIncludes(sums, `${hex(digest)}  ftl\n`);
    } finally {
      await Deno.remove(output, { recursive: true });
    }
  },
});

Deno.test("--native fails, with the reason, where there is no denort", async () => {
  const output = await Deno.makeTempDir();
  try {
    const { code, stderr } = await compile(
      ["--native", "--output", output],
      { DENORT_BIN: "/nowhere/denort" },
    );
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Cannot make a native binary for");
    assertStringIncludes(stderr, "DENORT_BIN is not a file: /nowhere/denort");
  } finally {
    await Deno.remove(output, { recursive: true });
  }
});

function hex(buffer: ArrayBuffer): string {
  return new Uint8Array(buffer).toHex();
}

// `ftl run` with modules of this test.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { type Account, createAccount } from "../../../support/ftl.ts";

const LOCAL = ["-c", "local", "-i", "h1,h2,h3,h4,"];

/** Runs a native module on four hosts. */
async function call(account: Account, source: string, ...options: string[]) {
  const modules = join(account.home, "m");
  await Deno.mkdir(modules, { recursive: true });
  await Deno.writeTextFile(join(modules, "it.py"), source);
  return await account.ftl(["run", "it", "-M", modules, ...LOCAL, ...options]);
}

Deno.test("errors that name a Python set are the same text on all hosts", async () => {
  await using account = await createAccount();
  const source = "def main():\n" +
    "    raise ValueError('one of %s' % set('%x' % i for i in range(40)))\n";
  for (const options of [[], ["--fresh"]]) {
    const { stdout } = await call(account, source, ...options);
    assertMatch(stdout, /^h\[1-4\] \(4\): failed/);
  }
});

Deno.test("the seed of hashes is not in the environment of a module's programs", async () => {
  await using account = await createAccount();
  const source = "import os\ndef main():\n" +
    "    return {'seed': os.environ.get('PYTHONHASHSEED')}\n";
  for (const options of [[], ["--fresh"]]) {
    const { stdout } = await call(account, source, ...options);
    assertMatch(stdout, /\n {2}seed: null\n/);
  }
});

Deno.test("--stream shows what a module prints, and its result once", async () => {
  await using account = await createAccount();
  const modules = join(account.home, "m");
  await Deno.mkdir(modules);
  await Deno.writeTextFile(
    join(modules, "talk"),
    "#!/bin/sh\n# WANT_JSON\necho hello\necho\n" +
      'echo \'{"changed": true, "stdout": "found"}\'\n',
    { mode: 0o755 },
  );
  const { code, stdout } = await account.ftl(
    ["run", "talk", "-M", modules, "-c", "local", "-i", "h,", "--stream"],
  );
  assertEquals(code, 0);
  assertMatch(
    stdout,
    /^h \| hello\nh: changed\n {2}stdout:\n {4}found\n1 host/,
  );
});

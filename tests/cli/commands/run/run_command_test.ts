// `ftl run` with modules of this test.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { needAnsible } from "../../../support/ansible.ts";
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

const ansible = needAnsible();
/** A host that nobody can reach. */
const NOWHERE = ["-i", "h,", "--port", "1", "-M", ansible.modules];

Deno.test({
  name:
    `run and console check arguments before any host is contacted, unless --force-args${ansible.suffix}`,
  ignore: ansible.ignore,
  fn: async () => {
    await using account = await createAccount();
    const words = ["stat", "path=/x", "folow=yes"];
    const said = 'ftl: Cannot run stat: it has no option "folow"\n' +
      '     Did you mean "follow"? To run it anyway, use --force-args\n';
    const ran = await account.ftl(["run", ...words, ...NOWHERE]);
    assertEquals(ran, { code: 2, stdout: "", stderr: said });
    const line = words.join(" ") + "\n";
    const console = await account.ftl(["console", ...NOWHERE], line);
    assertEquals(console.code, 2);
    assertEquals(console.stdout, "");
    assertMatch(console.stderr, /it has no option "folow"\n.*"follow"\?/);
    const forced = [...NOWHERE, "--force-args"];
    assertEquals((await account.ftl(["run", ...words, ...forced])).code, 3);
    assertEquals((await account.ftl(["console", ...forced], line)).code, 3);
  },
});

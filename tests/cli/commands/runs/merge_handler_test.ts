// `ftl runs merge`: parts become one run, and nothing is missed in silence.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { type Account, createAccount } from "../../../support/ftl.ts";

const HOSTS = "h1,h2,h3,h4,h5,h6,";

/** Writes the parts of a run of six hosts, two of them as NDJSON. */
async function writeParts(account: Account): Promise<string[]> {
  const files: string[] = [];
  for (const [i, format] of ["json", "ndjson", "ndjson"].entries()) {
    const { code, stdout } = await account.ftl([
      ...["exec", "-c", "local", "-i", HOSTS, "--shard", `${i + 1}/3`],
      ...["--format", format, "--", "true"],
    ]);
    assertEquals(code, 0);
    const file = join(account.home, `part${i + 1}`);
    await Deno.writeTextFile(file, stdout);
    files.push(file);
  }
  return files;
}

Deno.test("runs merge joins parts, and refuses to miss one", async () => {
  await using account = await createAccount();
  const files = await writeParts(account);
  const merge = (...args: string[]) =>
    account.ftl(["runs", "merge", "--format", "json", ...args]);

  const all = await merge(...files.toReversed());
  assertEquals(all.code, 0);
  const whole = JSON.parse(all.stdout);
  assertEquals(whole.summary.ok, 6);
  assertEquals(whole.shard, undefined);

  const two = await merge(files[0]!, files[2]!);
  assertEquals(two.code, 2);
  assertMatch(two.stderr, /Cannot merge: of 3 parts, 2 is missing/);
  assertMatch(two.stderr, /merge without them with --partial/);
  const one = await merge(files[0]!);
  assertMatch(one.stderr, /of 3 parts, 2, 3 are missing/);

  const partial = await merge("--partial", files[0]!, files[2]!);
  assertEquals(partial.code, 0);
});

Deno.test("runs merge refuses parts of different divisions", async () => {
  await using account = await createAccount();
  const [file] = await writeParts(account);
  const text = await Deno.readTextFile(file!);
  const other = join(account.home, "other");
  await Deno.writeTextFile(
    other,
    text.replace('"shard":"1/3"', '"shard":"2/4"'),
  );
  const { code, stderr } = await account.ftl(["runs", "merge", file!, other]);
  assertEquals(code, 2);
  assertMatch(stderr, /one is of 4 parts, the other of 3/);
});

Deno.test("runs merge joins runs that were divided by other means", async () => {
  await using account = await createAccount();
  const files: string[] = [];
  for (const host of ["h1", "h2"]) {
    const { stdout } = await account.ftl([
      ...["exec", "-c", "local", "-i", `${host},`, "--format", "json"],
      ...["--", "true"],
    ]);
    const file = join(account.home, host);
    await Deno.writeTextFile(file, stdout);
    files.push(file);
  }
  const { code, stdout } = await account.ftl(["runs", "merge", ...files]);
  assertEquals(code, 0);
  assertMatch(stdout, /2 hosts: 2 ok/);
});

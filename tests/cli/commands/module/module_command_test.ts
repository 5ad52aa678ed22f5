import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../../../support/ftl.ts";
import { writeTree } from "../../../support/source_tree.ts";

const TREE = {
  "m/greet.py": 'def main(name, greeting="hello"):\n    """Say hello."""\n',
  "m/unit.py":
    'DOCUMENTATION = """\nshort_description: Set the state of a C(unit)\n"""\n# WANT_JSON\n',
};

Deno.test("module list prints modules with their purpose, filtered by all words", async () => {
  await using account = await createAccount();
  await writeTree(account.home, TREE);
  const dir = join(account.home, "m");
  const all = await account.ftl(["module", "list", "-M", dir]);
  assertEquals(
    all.stdout,
    "greet  Say hello\nunit   Set the state of a unit\n",
  );
  const some = await account.ftl(
    ["module", "list", "-M", dir, "--json", "STATE", "un"],
  );
  assertEquals(JSON.parse(some.stdout).length, 1);
  const none = await account.ftl(["module", "list"]);
  assertEquals(none.code, 2);
  assertMatch(none.stderr, /Name a folder with -M/);
});

Deno.test("module doc shows a module, as text and as JSON", async () => {
  await using account = await createAccount();
  await writeTree(account.home, TREE);
  const dir = join(account.home, "m");
  const text = await account.ftl(["module", "doc", "-M", dir, "greet"]);
  assertMatch(text.stdout, /^greet: Say hello\.\n/);
  assertMatch(text.stdout, /\n {2}name \(any, required\)\n/);
  assertMatch(text.stdout, /\n {2}ftl run greet name=NAME\n$/);
  const json = await account.ftl(
    ["module", "doc", "-M", dir, "--json", "greet"],
  );
  const { parameters } = JSON.parse(json.stdout);
  assertEquals(parameters[1].default, "hello");
  const missing = await account.ftl(["module", "doc", "-M", dir, "gret"]);
  assertEquals(missing.code, 2);
  assertMatch(missing.stderr, /Did you mean greet/);
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Command } from "commander";
import { join } from "@std/path";
import { processContext } from "../../../src/cli/commands/context.ts";
import { makeAllOptions } from "../../../src/cli/options/add_options.ts";
import { valuesOf } from "../../../src/cli/options/variable_list.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { EVERY_COMMAND } from "../../../src/cli/every_command.ts";
import { createAccount, mainCommand } from "../../support/ftl.ts";

/** Runs ftl with more variables. */
async function ftl(
  home: string,
  variables: Record<string, string>,
  ...args: string[]
) {
  const { command, env } = mainCommand(home);
  const { code, stdout, stderr } = await new Deno.Command(command[0]!, {
    args: [...command.slice(1), ...args],
    clearEnv: true,
    env: { ...env, ...variables },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("a variable means the same kind of value in every command", () => {
  const program = createProgram({
    context: processContext(new AbortController().signal),
    action: () => async () => {},
  }, EVERY_COMMAND);
  makeAllOptions(program);
  const meanings = new Map<string, string>();
  const check = (command: Command) => {
    for (const { envVar, flags } of command.options) {
      if (envVar === undefined) continue;
      const value = /<(.*)>/.exec(flags)![1]!;
      assertEquals(value, meanings.get(envVar) ?? value, envVar);
      meanings.set(envVar, value);
    }
    command.commands.forEach(check);
  };
  check(program);
  assert(meanings.size > 20);
});

Deno.test("a value that only other commands know is ignored with a warning", async () => {
  await using account = await createAccount();
  const { code, stdout, stderr } = await ftl(
    account.home,
    { FTL_FORMAT: "table", FTL_LIMIT: "" },
    ...["inventory", "list", "-i", "web1,"],
  );
  assertEquals([code, stdout], [0, "web1\n"]);
  assertMatch(
    stderr,
    /^ftl: warning: Ignored FTL_FORMAT: list knows no --format "table"\n$/,
  );
});

Deno.test("list variables hold several values, as PATH does", async () => {
  assertEquals(valuesOf("a:b", "path"), ["a", "b"]);
  assertEquals(valuesOf("a.ini:b.ini", "inventory"), ["a.ini", "b.ini"]);
  assertEquals(valuesOf("web1:22,web2,", "inventory"), ["web1:22,web2,"]);
  assertEquals(valuesOf("a:b"), ["a:b"]);
  await using account = await createAccount();
  const [one, two] = ["one", "two"].map((name) => join(account.home, name));
  for (const [folder, module] of [[one!, "a"], [two!, "b"]] as const) {
    await Deno.mkdir(folder);
    await Deno.writeTextFile(
      join(folder, `${module}.py`),
      "def main():\n    return {}\n",
    );
  }
  const { stdout } = await ftl(
    account.home,
    { FTL_MODULE_DIR: `${one}:${two}` },
    ...["module", "list"],
  );
  assertMatch(stdout, /^a\b.*\nb\b/);
});

Deno.test("a list of hosts that names a file is refused, with the right form", async () => {
  await using account = await createAccount();
  const files = ["a.ini", "b.ini"].map((name) => join(account.home, name));
  for (const file of files) await Deno.writeTextFile(file, "web1\n");
  const { code, stderr } = await ftl(
    account.home,
    { FTL_INVENTORY: files.join(",") },
    ...["inventory", "list"],
  );
  assertEquals(code, 2);
  assertMatch(
    stderr,
    /a comma makes it a list of hosts.*\n.*-i \S+a\.ini -i \S+b\.ini/,
  );
});

Deno.test("options refuse empty values", async () => {
  await using account = await createAccount();
  for (const option of ["-u", "-l", "-i", "--output"]) {
    const { code, stderr } = await account.ftl(
      ["exec", "-i", "web1,", option, "", "--", "id"],
    );
    assertEquals(code, 2);
    assertMatch(stderr, /: it is empty/);
  }
});

Deno.test("a full disk at stdout has a status of its own", async () => {
  await using account = await createAccount();
  const { command, env } = mainCommand(account.home);
  const { code } = await new Deno.Command("/bin/sh", {
    args: [
      "-c",
      '"$@" >/dev/full',
      "sh",
      ...command,
      "inventory",
      "list",
      "-i",
      "web1,",
    ],
    clearEnv: true,
    env,
    stdin: "null",
  }).output();
  assertEquals(code, 74);
});

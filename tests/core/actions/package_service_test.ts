// A host says which module package and service run; it is told nothing by that.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../../support/ftl.ts";

const HOSTS = ["-c", "local", "-i", "h1,"];

Deno.test("no host gets a file of this machine by naming it as its package manager", async () => {
  await using account = await createAccount();
  const folder = join(account.home, "modules");
  const file = join(account.home, "private.txt");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(file, "#!/bin/sh\necho '{\"sent\": true}'\n");
  const facts = { ansible_pkg_mgr: file, ansible_service_mgr: file };
  await Deno.writeTextFile(
    join(folder, "setup.py"),
    `#!/usr/bin/python3\n# WANT_JSON\nprint('${
      JSON.stringify({ ansible_facts: facts })
    }')\n`,
  );
  for (const words of [["package"], ["service"], ["package", `use=${file}`]]) {
    const { code, stdout } = await account.ftl(
      ["run", "-M", folder, ...HOSTS, ...words, "name=x"],
    );
    assertEquals(code, 1, stdout);
    assertEquals(stdout.includes("sent"), false, stdout);
    assertMatch(stdout, /Could not detect which|is not the name of a module/);
  }
});

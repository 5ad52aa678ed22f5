import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../../support/ftl.ts";
import { inFolder } from "../../support/in_folder.ts";

Deno.test("actions find files below files/ and vars/, then in the working folder, and ~/ is HOME", () =>
  inFolder(async (cwd) => {
    await using account = await createAccount({ cwd });
    const script = (name: string) => `#!/bin/sh\necho ${name}\n`;
    for (const folder of ["files", "vars"]) await Deno.mkdir(join(cwd, folder));
    for (
      const [name, text] of Object.entries({
        "files/both": script("below"),
        "both": script("beside"),
        "one": script("one"),
        "vars/v.yml": "v: below\n",
        "v.yml": "v: beside\n",
      })
    ) await Deno.writeTextFile(join(cwd, name), text);
    await Deno.writeTextFile(join(account.home, "both"), script("home"));
    const results = async (module: string, ...words: string[]) => {
      const { stdout } = await account.ftl([
        ...["run", module, "-c", "local", "-i", "h1,", "--format", "json"],
        ...words,
      ]);
      return JSON.parse(stdout).results.h1.result;
    };
    for (
      const [path, said] of [
        ["both", "below"],
        ["files/both", "below"],
        [join(cwd, "both"), "beside"],
        ["one", "one"],
        ["~/both", "home"],
      ] as const
    ) {
      const { stdout } = await results("script", path);
      assertEquals(stdout, `${said}\n`, path);
    }
    assertEquals(
      (await results("script", "none")).msg,
      "Could not find or access 'none' on this machine",
    );
    const { ansible_facts, ansible_included_var_files } = await results(
      "include_vars",
      "file=v.yml",
    );
    assertEquals(ansible_facts, { v: "below" });
    assertEquals(ansible_included_var_files.length, 1);
  }));

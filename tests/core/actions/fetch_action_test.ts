// fetch: what it does where its destination cannot be written.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { needAnsible } from "../../support/ansible.ts";
import { createAccount } from "../../support/ftl.ts";

const need = needAnsible();

Deno.test({
  name: `fetch never replaces a pipe or a device, also at the end of a link, ` +
    `and names what it cannot write${need.suffix}`,
  ignore: need.ignore,
  fn: async () => {
    await using account = await createAccount();
    const at = (name: string) => join(account.home, name);
    await new Deno.Command("mkfifo", { args: [at("pipe")] }).output();
    await Deno.symlink(at("pipe"), at("link"));
    await Deno.writeTextFile(at("file"), "text\n");
    const fetch = async (dest: string) => {
      const { stdout } = await account.ftl([
        ...["run", "fetch", `src=${at("file")}`, `dest=${dest}`, "flat=yes"],
        ...["-c", "local", "-i", "h1,", "-M", need.modules, "--format", "json"],
      ]);
      return JSON.parse(stdout).results.h1;
    };
    for (const name of ["pipe", "link"]) {
      const { status, error } = await fetch(at(name));
      assertEquals(status, "failed");
      assert(
        error.message.includes(
          `${name} on this machine: a device, a socket or a pipe is there`,
        ),
        error.message,
      );
    }
    assertEquals((await Deno.stat(at("link"))).isFifo, true);
    assertEquals((await Deno.lstat(at("link"))).isSymlink, true);
    const { error } = await fetch(join(at("file"), "below", "x"));
    assert(
      error.message.startsWith(`Cannot write ${join(at("file"), "below")}`),
      error.message,
    );
  },
});

// What Ansible takes for an interpreter, ftl takes too, on hosts that are this
// machine.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { needAnsible, runAnsible } from "../support/ansible.ts";
import { createAccount } from "../support/ftl.ts";

const need = needAnsible();

/** Values as an INI file has them; $HOME is the account's. */
const VALUES: Record<string, string> = {
  path: "/usr/bin/python3",
  name: "python3",
  env: '"/usr/bin/env python3"',
  option: '"/usr/bin/python3 -I"',
  options: '"/usr/bin/env -i /usr/bin/python3 -B -s"',
  quoted: `"'$HOME/py case/python3' -B"`,
  tilde: "~/bin/python3",
  outer: '"  /usr/bin/python3 "',
  template: `"{{ base }}/bin/python3"`,
  playbook: '"{{ ansible_playbook_python }}"',
  auto: "auto",
  auto_silent: "auto_silent",
  auto_legacy: "auto_legacy",
  auto_legacy_silent: "auto_legacy_silent",
};

Deno.test({
  name: `ftl runs on every interpreter that Ansible runs on${need.suffix}`,
  ignore: need.ignore,
  fn: async () => {
    await using account = await createAccount();
    const { home } = account;
    for (const folder of ["py case", "bin"]) {
      await Deno.mkdir(join(home, folder));
      await Deno.symlink("/usr/bin/python3", join(home, folder, "python3"));
    }
    const lines = Object.entries(VALUES).map(([host, value]) =>
      `${host} base=/usr ansible_python_interpreter=${value}\n`
    );
    const inventory = join(home, "hosts.ini");
    await Deno.writeTextFile(
      inventory,
      `[all:vars]\nansible_connection=local\n[g]\n${lines.join("")}`
        .replaceAll("$HOME", home),
    );
    const hosts = await runAnsible(["-i", inventory, "g", "-m", "ping"], {
      HOME: home,
    });
    const { results } = JSON.parse(
      (await account.ftl([
        ...["run", "ping", "-i", inventory, "-M", need.modules],
        ...["--format", "json"],
      ])).stdout,
    );
    for (const host of Object.keys(VALUES)) {
      const { ping } = hosts[host]!;
      assertEquals([host, ping], [host, "pong"]);
      const { result, error } = results[host];
      assertEquals([host, result?.ping, error], [host, "pong", null]);
    }
  },
});

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  checkAnsible,
  readSettings,
} from "../../../../src/cli/commands/doctor/ansible_config.ts";
import { counterpartOf } from "../../../../src/cli/commands/doctor/ansible_settings.ts";
import type { Context } from "../../../../src/cli/commands/context.ts";

function contextWith(env: Record<string, string>): Context {
  return { env: (name: string) => env[name] } as unknown as Context;
}

Deno.test("readSettings() reads an ansible.cfg as Ansible does", () => {
  const text = `; a comment
[defaults]
forks = 20
# remote_user = nobody
Timeout: 30
empty =

[ssh_connection]
ssh_args = -C ; not a comment of its own
`;
  assertEquals(
    readSettings(text).map(({ section, key }) => `${section}.${key}`),
    ["defaults.forks", "defaults.timeout", "ssh_connection.ssh_args"],
  );
});

Deno.test("checkAnsible() names the file that Ansible would use, and counterparts in ftl", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, ".ansible.cfg");
    await Deno.writeTextFile(path, "[defaults]\nforks=5\nfoo=1\n");
    const [file, variables] = await checkAnsible(
      contextWith({ HOME: folder }),
      ["PATH", "ANSIBLE_FORKS", "ANSIBLE_FOO"],
    );
    assertEquals(file, {
      name: "ansible.cfg",
      verdict: "warn",
      found: `${path} has 2 settings for Ansible, which ftl does not read`,
      remedy: "Set what you need with the options and variables of ftl",
      details: [
        "[defaults] forks: --fanout, or FTL_FANOUT",
        "[defaults] foo: no counterpart in ftl",
      ],
    });
    assertEquals(variables!.details, [
      "ANSIBLE_FOO: no counterpart in ftl",
      "ANSIBLE_FORKS: --fanout, or FTL_FANOUT",
    ]);
    // ANSIBLE_CONFIG comes first, and may name a folder.
    const chosen = await Deno.makeTempDir({ dir: folder });
    await Deno.writeTextFile(join(chosen, "ansible.cfg"), "[defaults]\na=1\n");
    const env = { HOME: folder, ANSIBLE_CONFIG: chosen };
    const [other] = await checkAnsible(contextWith(env), []);
    assertEquals(other!.found.split(" ")[0], join(chosen, "ansible.cfg"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("counterpartOf() finds no inherited property", () => {
  assertEquals(counterpartOf("constructor", "name"), undefined);
  assertEquals(counterpartOf("defaults", "toString"), undefined);
});

// Host passwords in Ansible Vault, from the command line.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { AuthContext } from "ssh2";
import { createAccount, mainCommand } from "../support/ftl.ts";
import { needProgram } from "../support/need.ts";
import { startSshServer } from "../support/ssh_server.ts";
import { Screen, tmuxNeed } from "../support/tmux.ts";

const vaultNeed = needProgram("ansible-vault");

function letIn(context: AuthContext): void {
  const isRight = context.method === "password" &&
    context.password === "hunter2";
  if (isRight) context.accept();
  else context.reject(["password"]);
}

/** A host whose password is in a vault with the id `prod`. */
async function createLab() {
  const account = await createAccount();
  const server = await startSshServer({ authenticate: letIn });
  const { home } = account;
  const inHome = (name: string, text: string, mode = 0o600) =>
    Deno.writeTextFile(join(home, name), text, { mode });
  await inHome("known_hosts", server.knownHosts);
  await inHome("key", "open sesame\n");
  await Deno.mkdir(join(home, "group_vars/all"), { recursive: true });
  await inHome("group_vars/all/vault.yml", "vault_password: hunter2\n");
  await inHome(
    "hosts.yml",
    `all:
  vars: {ansible_user: ann, ansible_host: 127.0.0.1, ansible_port: ${server.port}}
  hosts:
    web1: {ansible_password: "{{ vault_password }}"}
`,
  );
  const { code } = await new Deno.Command(vaultNeed.path, {
    args: [
      "encrypt",
      ...["--vault-id", `prod@${join(home, "key")}`],
      ...["--encrypt-vault-id", "prod"],
      join(home, "group_vars/all/vault.yml"),
    ],
    env: { HOME: home },
  }).output();
  assertEquals(code, 0);
  return {
    account,
    inHome,
    words: (...more: string[]) => [
      ...["exec", "-i", join(home, "hosts.yml")],
      ...["--known-hosts", join(home, "known_hosts"), ...more],
      ...["--", "echo", "it is hunter2"],
    ],
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await account[Symbol.asyncDispose]();
    },
  };
}

Deno.test({
  name:
    `a vault password comes from a file or a program, and decrypted values are masked${vaultNeed.suffix}`,
  ignore: vaultNeed.ignore,
  fn: async () => {
    await using lab = await createLab();
    const { home, ftl } = lab.account;
    const file = await ftl(
      lab.words("--vault-password-file", `prod@${join(home, "key")}`),
    );
    assertEquals(
      [file.code, file.stdout.split("\n")[1]],
      [0, "  it is ********"],
      file.stderr,
    );

    const client = join(home, "key-client.sh");
    await lab.inHome(
      "key-client.sh",
      '#!/bin/sh\ntest "$*" = "--vault-id prod" && echo "open sesame"\n',
      0o700,
    );
    const program = await ftl(
      lab.words("--vault-password-file", `prod@${client}`),
    );
    assertEquals(program.code, 0, program.stderr);

    await lab.inHome("wrong", "no sesame\n");
    const args = lab.words("--vault-password-file", join(home, "wrong"));
    const wrong = await ftl(args);
    assertStringIncludes(wrong.stderr, "the vault password is wrong");
    assert(!wrong.stderr.includes("Give its vault password"), wrong.stderr);

    const none = await ftl(lab.words());
    assertEquals(none.code, 3);
    assertStringIncludes(
      none.stderr,
      "vault.yml: skipped: the file is encrypted with Ansible Vault, and no vault password is set",
    );
  },
});

Deno.test({
  name:
    `a vault password is asked for if something is encrypted${vaultNeed.suffix}${tmuxNeed.suffix}`,
  ignore: vaultNeed.ignore || tmuxNeed.ignore,
  fn: async () => {
    await using lab = await createLab();
    const { command, env } = mainCommand(lab.account.home);
    const words = lab.words("--ask-vault-pass");
    await using screen = await Screen.open({
      command: [...command, ...words],
      env,
    });
    await screen.see(/^Vault password:$/m);
    await screen.type("open sesame");
    await screen.see("it is ********");
    await screen.see("[ended 0]");
  },
});

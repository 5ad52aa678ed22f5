// What Ansible Vault encrypted, as arguments and as files that are sent: modules
// get the plain values, and no output has them.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { needAnsible } from "../support/ansible.ts";
import { createAccount } from "../support/ftl.ts";
import { needProgram } from "../support/need.ts";

const vaultNeed = needProgram("ansible-vault");
const ansible = needAnsible();

const ECHO = `
import json
def main(**given):
    with open(given.pop("to"), "w") as file:
        json.dump(given, file)
    return {"heard": given}
`;

/** An account with an encrypting `ansible-vault`, and a module that repeats. */
async function createLab() {
  const account = await createAccount();
  const { home } = account;
  const inHome = (name: string) => join(home, name);
  const write = async (name: string, text: string, mode = 0o600) => {
    await Deno.writeTextFile(inHome(name), text, { mode });
    return inHome(name);
  };
  const key = await write("key", "open\nsesame\n");
  await Deno.mkdir(inHome("m"));
  await write("m/echo.py", ECHO);
  const encrypt = async (name: string, text: string) => {
    const file = await write(name, text);
    const { code } = await new Deno.Command(vaultNeed.path, {
      args: ["encrypt", "--vault-password-file", key, file],
      env: { HOME: home },
    }).output();
    assertEquals(code, 0);
    return await Deno.readTextFile(file);
  };
  return {
    home,
    write,
    encrypt,
    ftl: account.ftl,
    common: ["-i", "localhost,", "-c", "local", "--format", "json"],
    key: ["--vault-password-file", key],
    heard: async () => JSON.parse(await Deno.readTextFile(inHome("heard"))),
    [Symbol.asyncDispose]: () => account[Symbol.asyncDispose](),
  };
}

const SECRETS = `name: hunter2
pin: 987654
on: true
list: [first-secret, {deep: second-secret}]
day: 2024-01-02
`;

Deno.test({
  name:
    `an encrypted file of arguments reaches the module decrypted, every value masked${vaultNeed.suffix}`,
  ignore: vaultNeed.ignore,
  fn: async () => {
    await using lab = await createLab();
    await lab.encrypt("secrets.yml", SECRETS);
    const call = [
      ...["run", "echo", `to=${lab.home}/heard`, `@${lab.home}/secrets.yml`],
      ...["-M", join(lab.home, "m"), ...lab.common],
    ];
    const run = await lab.ftl([...call, ...lab.key]);
    assertEquals(run.code, 0, run.stderr);
    assertEquals(await lab.heard(), {
      name: "hunter2",
      pin: 987654,
      true: true,
      list: ["first-secret", { deep: "second-secret" }],
      day: "2024-01-02",
    });
    for (const secret of ["hunter2", "987654", "-secret", "2024-01-02"]) {
      assertEquals((run.stdout + run.stderr).includes(secret), false, secret);
    }

    const none = await lab.ftl(call);
    assertEquals(none.code, 2);
    assertStringIncludes(
      none.stderr,
      "secrets.yml:1: the file is encrypted with Ansible Vault, and no vault password is set",
    );
  },
});

Deno.test({
  name:
    `a !vault value in a file of arguments reaches the module decrypted and masked${vaultNeed.suffix}`,
  ignore: vaultNeed.ignore,
  fn: async () => {
    await using lab = await createLab();
    const ciphertext = (await lab.encrypt("plain", "hunter2")).trimEnd()
      .split("\n").map((line) => `    ${line}`).join("\n");
    await lab.write(
      "args.yml",
      `shown: hello\nvalue:\n  deep: !vault |\n${ciphertext}\n`,
    );
    const call = [
      ...["run", "echo", `to=${lab.home}/heard`, `@${lab.home}/args.yml`],
      ...["-M", join(lab.home, "m"), ...lab.common],
    ];
    const run = await lab.ftl([...call, ...lab.key]);
    assertEquals(run.code, 0, run.stderr);
    assertEquals(await lab.heard(), {
      shown: "hello",
      value: { deep: "hunter2" },
    });
    assertEquals(run.stdout.includes("hunter2"), false);
    assertStringIncludes(run.stdout, '"shown":"hello"');

    const none = await lab.ftl(call);
    assertEquals(none.code, 2);
    assertMatch(
      none.stderr,
      /encrypted with Ansible Vault in .*args\.yml:3:\d+, and no vault password/,
    );

    const extra = await lab.ftl([
      ...["inventory", "list", "-e", `@${lab.home}/args.yml`],
      ...["-i", "localhost,", "--format", "json"],
    ]);
    assertEquals(extra.code, 0, extra.stderr);
    assertStringIncludes(extra.stdout, "encrypted by Ansible Vault");
  },
});

Deno.test({
  name:
    `values of every type in an encrypted vars file are hidden${vaultNeed.suffix}`,
  ignore: vaultNeed.ignore,
  fn: async () => {
    await using lab = await createLab();
    await Deno.mkdir(join(lab.home, "host_vars"));
    await lab.encrypt("host_vars/l.yml", SECRETS);
    await lab.encrypt(
      "host_vars/k.yml",
      '{"n": 987654, "o": {"p": "hunter2"}}',
    );
    await lab.write(
      "hosts",
      "l ansible_connection=local\nk ansible_connection=local\n",
    );
    const shown = await lab.ftl([
      ...["inventory", "list", "-i", join(lab.home, "hosts")],
      ...["--format", "json", ...lab.key],
    ]);
    assertEquals(shown.code, 0, shown.stderr);
    for (const secret of ["hunter2", "987654", "-secret", "2024", ": true"]) {
      assertEquals(shown.stdout.includes(secret), false, secret);
    }
  },
});

Deno.test({
  name:
    `copy, script and unarchive send what ansible-vault encrypted decrypted${vaultNeed.suffix}${ansible.suffix}`,
  ignore: vaultNeed.ignore || ansible.ignore,
  fn: async () => {
    await using lab = await createLab();
    const { home } = lab;
    const run = (module: string, args: string, key = lab.key) =>
      lab.ftl([
        ...["run", module, "-a", args, "-M", ansible.modules],
        ...lab.common,
        ...key,
      ]);
    const ciphertext = await lab.encrypt("config", "port=22\n");
    const copy = await run("copy", `src=${home}/config dest=${home}/copied`);
    assertEquals(copy.code, 0, copy.stdout + copy.stderr);
    const { result } = JSON.parse(copy.stdout).results.localhost;
    assertEquals(await Deno.readTextFile(`${home}/copied`), "port=22\n");
    assertEquals([result.changed, result.size], [true, 8]);
    const again = await run("copy", `src=${home}/config dest=${home}/copied`);
    assertEquals(JSON.parse(again.stdout).results.localhost.status, "ok");

    await run("copy", `src=${home}/config dest=${home}/as_is decrypt=no`, []);
    assertEquals(await Deno.readTextFile(`${home}/as_is`), ciphertext);

    const none = await run("copy", `src=${home}/config dest=${home}/no`, []);
    assertEquals(none.code, 1);
    assertStringIncludes(
      none.stdout,
      "config: it is encrypted with Ansible Vault, and no vault password is set",
    );

    await Deno.mkdir(join(home, "tree"));
    await lab.encrypt("tree/inner", "deep\n");
    await run("copy", `src=${home}/tree/ dest=${home}/tree2`);
    assertEquals(await Deno.readTextFile(`${home}/tree2/inner`), "deep\n");

    await lab.encrypt("s.sh", "#!/bin/sh\necho it runs $1\n");
    const script = await run("script", `${home}/s.sh well`);
    assertEquals(
      JSON.parse(script.stdout).results.localhost.result.stdout.trim(),
      "it runs well",
      script.stderr,
    );

    const packed = new Uint8Array(
      (await new Deno.Command("tar", {
        args: ["-C", home, "-cf", "-", "copied"],
      }).output()).stdout,
    );
    await Deno.writeFile(join(home, "a.tar"), packed, { mode: 0o600 });
    await new Deno.Command(vaultNeed.path, {
      args: ["encrypt", ...lab.key, join(home, "a.tar")],
      env: { HOME: home },
    }).output();
    await Deno.mkdir(join(home, "out"));
    const opened = await run(
      "unarchive",
      `src=${home}/a.tar dest=${home}/out`,
    );
    assertEquals(opened.code, 0, opened.stdout);
    assertEquals(await Deno.readTextFile(`${home}/out/copied`), "port=22\n");
  },
});

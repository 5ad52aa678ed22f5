// Vault against the program that defines it: what ansible-vault has encrypted is
// read, and nothing else is.
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { connectionSettings } from "../../src/inventory/connection/connection_settings.ts";
import { hintOf, InventoryError } from "../../src/errors.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { VaultValue } from "../../src/inventory/secret_value.ts";
import { Vault, type VaultPassword } from "../../src/inventory/vault.ts";
import { openInventorySources } from "../../src/core/input/inventory_sources.ts";
import { needProgram } from "../support/need.ts";

const vaultNeed = needProgram("ansible-vault");

const PASSWORDS: readonly VaultPassword[] = [
  { id: "default", password: "open sesame" },
  { id: "prod", password: "pässwörd" },
];

/** A folder in which ansible-vault encrypts. */
class Lab implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Lab> {
    const lab = new Lab(await Deno.makeTempDir());
    for (const { id, password } of PASSWORDS) {
      await lab.write(`${id}.pass`, String(password));
    }
    return lab;
  }

  async write(path: string, text: string): Promise<string> {
    const file = join(this.folder, path);
    await Deno.mkdir(join(file, ".."), { recursive: true });
    await Deno.writeTextFile(file, text, { mode: 0o600 });
    return file;
  }

  /** Gives a text encrypted, with an id when one is named. */
  async encrypt(text: string, id?: string): Promise<string> {
    const key = id === undefined
      ? ["--vault-password-file", join(this.folder, "default.pass")]
      : [
        ...["--vault-id", `${id}@${join(this.folder, `${id}.pass`)}`],
        ...["--encrypt-vault-id", id],
      ];
    const file = await this.write("plain", text);
    const { code, stderr } = await new Deno.Command(vaultNeed.path, {
      args: ["encrypt", ...key, file],
      env: { HOME: this.folder, ANSIBLE_LOCAL_TEMP: this.folder },
    }).output();
    if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
    return await Deno.readTextFile(file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

function inLab(name: string, fn: (lab: Lab) => Promise<void>): void {
  Deno.test({
    name: `${name}${vaultNeed.suffix}`,
    ignore: vaultNeed.ignore,
    fn: async () => {
      await using lab = await Lab.make();
      await fn(lab);
    },
  });
}

/** A vault with passwords, and how often it was asked for them. */
function vaultWith(...passwords: readonly VaultPassword[]) {
  const asked = { times: 0 };
  const vault = new Vault(() => {
    asked.times++;
    return Promise.resolve(passwords);
  });
  return { vault, asked };
}

inLab("texts of any length are read, with and without an id", async (lab) => {
  const { vault, asked } = vaultWith(...PASSWORDS);
  const texts = ["", "x", "exactly sixteen.", "größer\n".repeat(50)];
  for (const text of texts) {
    assertEquals(await vault.decrypt(await lab.encrypt(text)), text);
  }
  const named = await lab.encrypt("of prod", "prod");
  assertEquals(named.startsWith("$ANSIBLE_VAULT;1.2;AES256;prod\n"), true);
  assertEquals(await vault.decrypt(named), "of prod");
  assertEquals(asked.times, 1);
});

inLab("a password under another id is tried as well", async (lab) => {
  const named = await lab.encrypt("of prod", "prod");
  const { vault } = vaultWith(
    { id: "prod", password: "stale" },
    { id: "other", password: "pässwörd" },
  );
  assertEquals(await vault.decrypt(named), "of prod");
});

inLab("what cannot be read says why not", async (lab) => {
  const named = await lab.encrypt("of prod", "prod");
  const wrong = { id: "default", password: "wrong" };
  const cases: [VaultPassword[], string, string][] = [
    [[], named, "no vault password is set (its id is prod)"],
    [[wrong], named, "the vault password is wrong (its id is prod)"],
    [[wrong, wrong], named, "none of the 2 vault passwords is right"],
    [[wrong], named.replace(/\d\n/, "x\n"), "it is damaged"],
    [[wrong], "$ANSIBLE_VAULT;1.0;AES\n6162", "its format is unknown"],
  ];
  for (const [passwords, text, message] of cases) {
    const { vault } = vaultWith(...passwords);
    const error = await assertRejects(
      () => vault.decrypt(text),
      Error,
      message,
    );
    // Only without a password does one help.
    assertEquals(
      hintOf(error),
      passwords.length === 0
        ? "Give its vault password with `vault`"
        : undefined,
    );
  }
});

inLab(
  "values and whole files of an inventory are read when they are needed",
  async (lab) => {
    const inline = (await lab.encrypt("hunter2", "prod")).trimEnd()
      .split("\n").map((line) => `            ${line}`).join("\n");
    await lab.write("group_vars/web/plain.yml", "ansible_user: '{{ who }}'\n");
    await lab.write(
      "group_vars/web/vault.yml",
      await lab.encrypt(
        "who: deploy\nansible_port: 2222\nkeys: [one, {a: two}]\n",
      ),
    );
    const hosts = await lab.write(
      "hosts.yml",
      `web:
  hosts:
    web1:
      ansible_password: !vault |
${inline}
`,
    );
    const { vault, asked } = vaultWith(...PASSWORDS);
    const inventory = await loadInventory([hosts], openInventorySources(), {
      vault,
    });
    const host = inventory.hosts.get("web1")!;
    const settings = await connectionSettings(host);
    assertEquals([settings.user, settings.port], ["deploy", 2222]);
    assertEquals(await settings.password?.reveal(), "hunter2");
    assertEquals(asked.times, 1);

    const { who, keys } = host.vars as Record<string, unknown>;
    assertEquals(who instanceof VaultValue, true);
    assertEquals(
      JSON.stringify({ who, keys }),
      '{"who":"********","keys":["********",{"a":"********"}]}',
    );
    assertEquals(
      Deno.inspect(host.vars, { depth: 9 }).includes("deploy"),
      false,
    );
  },
);

inLab("an inventory that is encrypted itself is read too", async (lab) => {
  const hosts = await lab.write(
    "hosts",
    await lab.encrypt("[web]\nweb1 ansible_port=2222\n"),
  );
  const { vault } = vaultWith(...PASSWORDS);
  const inventory = await loadInventory([hosts], openInventorySources(), {
    vault,
  });
  assertEquals(inventory.hosts.get("web1")?.vars.ansible_port, 2222);
  await assertRejects(
    () => loadInventory([hosts], openInventorySources()),
    InventoryError,
    `${hosts}:1: the file is encrypted with Ansible Vault, and no vault password is set`,
  );
});

import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { HostTemplates } from "../../../src/inventory/templates/host_templates.ts";
import { Vault } from "../../../src/inventory/vault.ts";
import { FILE_SYNTAX } from "../../../src/template/syntax/delimiters.ts";
import { TemplateError } from "../../../src/template/template_error.ts";
import { needProgram } from "../../support/need.ts";

const vaultNeed = needProgram("ansible-vault");
const host = { name: "h1", vars: {}, groups: [] };
const inventory = { hosts: new Map([["h1", host]]), groups: new Map() };

/** Files that ansible-vault encrypted with the password `open sesame`. */
async function encrypt(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const key = join(folder, "pass");
  await Deno.writeTextFile(key, "open sesame", { mode: 0o600 });
  const paths = Object.keys(files).map((name) => join(folder, name));
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  const { code } = await new Deno.Command(vaultNeed.path, {
    args: ["encrypt", "--vault-password-file", key, ...paths],
    env: { HOME: folder, ANSIBLE_LOCAL_TEMP: folder },
  }).output();
  assertEquals(code, 0);
}

Deno.test({
  name:
    `lookups and includes decrypt files, once for each text${vaultNeed.suffix}`,
  ignore: vaultNeed.ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const ini = "[web]\nword=hunter2\nboth=%(word)s!\n";
      await encrypt(folder, {
        "key.txt": "s3cret\n",
        "part.j2": "is {{ 7 }}",
        "users.ini": ini,
      });
      const key = join(folder, "key.txt");
      const text = `{% include 'part.j2' %} {{ lookup('file', '${key}') }}` +
        `{{ lookup('unvault', '${key}') | length }} ` +
        "{{ lookup('ini', 'both', section='web', file='users.ini') }}";
      const render = async (password: string) => {
        const vault = new Vault(() =>
          Promise.resolve([{ id: "default", password }])
        );
        const templates = new HostTemplates({ inventory, vault });
        const file = join(folder, "t.j2");
        const template = templates.parseFile(text, file, FILE_SYNTAX);
        return await templates.file(template, { host });
      };
      const { value, secrets } = await render("open sesame");
      assertEquals(value, "is 7 s3cret7 hunter2!");
      assertEquals(
        [...secrets].sort(),
        [ini, "hunter2!", "is {{ 7 }}", "s3cret\n"],
      );
      await assertRejects(() => render("wrong"), TemplateError, "encrypted");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a sealed rendering reads nothing of this machine, and runs nothing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const templates = new HostTemplates({ inventory });
    const target = { host, isSealed: true };
    const ways = [
      "lookup('env', 'HOME')",
      "lookup('file', '/etc/hostname')",
      "lookup('ini', 'x', file='/etc/hostname')",
      "lookup('first_found', '/etc/hostname')",
      "lookup('fileglob', '/etc/*')",
      `lookup('pipe', 'touch ${folder}/ran')`,
      `lookup('lines', 'touch ${folder}/ran')`,
      `lookup('password', '${folder}/made')`,
      "lookup('template', '/etc/hostname')",
    ];
    for (const way of ways) {
      await assertRejects(
        () => templates.holds(`${way} != ''`, "that", target),
        TemplateError,
        "may not read this machine",
        way,
      );
    }
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the error of a command that a lookup ran hides what was secret in the command", async () => {
  const vars = { db_password: "tiger-lily" };
  const templates = new HostTemplates({ inventory });
  const failure = await assertRejects(
    () =>
      templates.value(
        { msg: "{{ lookup('pipe', 'exit 3 # ' ~ db_password) }}" },
        "msg",
        { host: { ...host, vars } },
      ),
    TemplateError,
  );
  assertEquals(
    failure.reason,
    "the command 'exit 3 # ********' of a lookup ended with 3",
  );
});

const CONNECTION: [
  about: string,
  vars: Readonly<Record<string, unknown>>,
  expression: string,
  expected: unknown,
][] = [
  ["the name", {}, "[ansible_host, ansible_ssh_host]", ["h1", "h1"]],
  ["the other name", { ansible_ssh_host: "a" }, "ansible_host", "a"],
  ["the other name", { ansible_port: 22 }, "ansible_ssh_port", 22],
  ["the default", {}, "[ansible_user, ansible_connection]", ["bob", "local"]],
  [
    "what is set",
    { ansible_user: "carl", ansible_connection: "ssh" },
    "[ansible_user, ansible_ssh_user, ansible_connection]",
    ["carl", "carl", "ssh"],
  ],
  ["nothing", {}, "ansible_port is defined", false],
  ["nothing, for hostvars", {}, "hostvars.h1.ansible_host is defined", false],
  [
    "the name, where the other one asks for it",
    { ansible_host: "{{ ansible_ssh_host }}.lan" },
    "ansible_host",
    "h1.lan",
  ],
];

for (const [about, vars, expression, expected] of CONNECTION) {
  Deno.test(`${expression} of a host is ${about}, with ${JSON.stringify(vars)}`, async () => {
    const h1 = { name: "h1", vars, groups: [] };
    const templates = new HostTemplates({
      inventory: { hosts: new Map([["h1", h1]]), groups: new Map() },
      defaults: { user: "bob", connection: "local" },
    });
    const { value } = await templates.value(`{{ ${expression} }}`, "x", {
      host: h1,
    });
    assertEquals<unknown>(value, expected);
  });
}

Deno.test("inventory_file and inventory_dir are absolute", async () => {
  const h1 = { ...host, source: "inv/../hosts.ini" };
  const templates = new HostTemplates({
    inventory: { hosts: new Map([["h1", h1]]), groups: new Map() },
  });
  const text = "{{ [inventory_file, inventory_dir] }}";
  const { value } = await templates.value(text, "x", { host: h1 });
  assertEquals(value, [join(Deno.cwd(), "hosts.ini"), Deno.cwd()]);
});

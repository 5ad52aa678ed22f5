import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
import {
  type ConnectionSettings,
  connectionSettings,
} from "../../../src/inventory/connection/connection_settings.ts";
import { loadInventory } from "../../../src/inventory/load.ts";
import { memorySources } from "../memory_sources.ts";

/** The settings of web1, whose variables are these lines of YAML. */
async function settings(
  yaml: string,
  extraVars?: Record<string, unknown>,
): Promise<Omit<ConnectionSettings, "variables">> {
  const lines = yaml.split("\n").map((line) => `      ${line}\n`).join("");
  const { hosts } = await loadInventory(
    ["inv/hosts.yml"],
    memorySources({
      "inv/hosts.yml": `web:\n  hosts:\n    web1.example.com:\n${lines}`,
    }),
  );
  const host = hosts.get("web1.example.com")!;
  const { variables: _, ...settings } = await connectionSettings(
    host,
    extraVars ? { extraVars } : {},
  );
  return settings;
}

Deno.test("connectionSettings() of a host without variables is all undefined", async () => {
  assertEquals(await settings(""), {
    connection: undefined,
    address: undefined,
    port: undefined,
    user: undefined,
    password: undefined,
    identityFile: undefined,
    sshArgs: [],
    hostKeyChecking: undefined,
    connectTimeoutMs: undefined,
    pythonInterpreter: undefined,
    inMemory: undefined,
    become: {
      enabled: undefined,
      method: undefined,
      user: undefined,
      password: undefined,
      executable: undefined,
      flags: [],
    },
  });
});

Deno.test("connectionSettings() reads every connection variable", async () => {
  const { password, become, ...rest } = await settings(`
ansible_connection: paramiko
ansible_host: 10.0.0.1
ansible_port: "2222"
ansible_user: deploy
ansible_password: hunter2
ansible_ssh_private_key_file: ~/.ssh/id deploy
ansible_ssh_common_args: -J 'jump host' -o "ProxyCommand=nc %h"
ansible_ssh_extra_args: -v
ansible_host_key_checking: no
ansible_timeout: 2.5
ansible_python_interpreter: /usr/bin/python3.11
ftl_in_memory: yes
ansible_become: "yes"
ansible_become_method: doas
ansible_become_user: root
ansible_become_password: s3cret
ansible_become_exe: /usr/local/bin/doas
ansible_become_flags: -n -H`);
  assertEquals(rest, {
    connection: "ssh",
    address: "10.0.0.1",
    port: 2222,
    user: "deploy",
    identityFile: "~/.ssh/id deploy",
    sshArgs: ["-J", "jump host", "-o", "ProxyCommand=nc %h", "-v"],
    hostKeyChecking: false,
    connectTimeoutMs: 2500,
    pythonInterpreter: "/usr/bin/python3.11",
    inMemory: true,
  });
  assertEquals(await password?.reveal(), "hunter2");
  assertEquals({ ...become, password: await become.password?.reveal() }, {
    enabled: true,
    method: "doas",
    user: "root",
    password: "s3cret",
    executable: "/usr/local/bin/doas",
    flags: ["-n", "-H"],
  });
});

Deno.test("connectionSettings() shows no password to JSON or to the console", async () => {
  const read = await settings("ansible_password: hunter2");
  assertEquals(JSON.stringify(read).includes("hunter2"), false);
  assertEquals(
    Deno.inspect(read, { depth: 9, showHidden: true }).includes("hunter2"),
    false,
  );
  assertEquals(`${read.password}`, "********");
});

Deno.test("connectionSettings() prefers more specific names and extra variables", async () => {
  const read = await settings(
    "ansible_user: a\nansible_ssh_user: b\nansible_port: 1",
    {
      ansible_port: 2,
    },
  );
  assertEquals([read.user, read.port], ["b", 2]);
});

Deno.test("connectionSettings() gives the interpreter as it was written", async () => {
  const cases = [
    ["/usr/bin/env python3 -I", "/usr/bin/env python3 -I"],
    ["'\"/a b/python\" -I'", '"/a b/python" -I'],
    ["auto_silent", "auto_silent"],
    ["'{{ ansible_playbook_python }}'", "auto"],
    ["'{{ base }}/bin/python3'\nbase: /opt/py", "/opt/py/bin/python3"],
    ["''", undefined],
  ];
  for (const [value, wanted] of cases) {
    const read = await settings(`ansible_python_interpreter: ${value}`);
    assertEquals(read.pythonInterpreter, wanted);
  }
});

Deno.test("connectionSettings() says why the interpreter is unknown, and the rest all the same", async () => {
  const cases = [
    [
      "'{{ nothing }}/python'",
      "Cannot render ansible_python_interpreter of web1",
    ],
    [
      "[a, b]",
      "Cannot use ansible_python_interpreter of web1.example.com: it is",
    ],
  ] as const;
  for (const [value, why] of cases) {
    const { port, pythonInterpreter } = await settings(
      `ansible_port: 2\nansible_python_interpreter: ${value}`,
    );
    assertEquals(port, 2);
    assertInstanceOf(pythonInterpreter, InventoryError);
    assertStringIncludes(pythonInterpreter.message, why);
  }
});

const faults: [yaml: string, complaint: string][] = [
  [
    "ansible_port: http",
    'Cannot use ansible_port of web1.example.com: "http" is not a port from 1 to 65535',
  ],
  ["ansible_port: 70000", '"70000" is not a port'],
  ["ansible_port: 22.5", '"22.5" is not a port'],
  [
    "ansible_port: [22]",
    "ansible_port of web1.example.com: it is neither text nor a number",
  ],
  [
    "ansible_connection: docker",
    "ansible_connection of web1.example.com: unknown connection 'docker'",
  ],
  [
    "ansible_host: -oProxyCommand=x",
    '"-oProxyCommand=x" is not one plain word',
  ],
  ["ansible_host: 'a b'", '"a b" is not one plain word'],
  ['ansible_user: "a\\nb"', '"a\\nb" is not one plain word'],
  ["ansible_become: maybe", '"maybe" is neither true nor false'],
  ["ansible_timeout: soon", '"soon" is not a number of seconds'],
  [
    "ansible_ssh_common_args: -o 'x",
    "ansible_ssh_common_args of web1.example.com: a ' is not closed",
  ],
];

for (const [yaml, complaint] of faults) {
  Deno.test(`connectionSettings() refuses ${yaml}`, async () => {
    const error = await assertRejects(
      () => settings(yaml),
      InventoryError,
      complaint,
    );
    assertEquals(error.host, "web1.example.com");
  });
}

const templates: [
  template: string,
  vars: string,
  address: string | undefined,
][] = [
  ["{{ ip }}", "ip: 10.0.0.1", "10.0.0.1"],
  ["{{ net }}.{{ number }}", "net: 10.0.0\nnumber: 5", "10.0.0.5"],
  ["{{ base }}.5", 'base: "{{ net }}.0"\nnet: "10.0"', "10.0.0.5"],
  ["{{ hosts.web }}", 'hosts: {web: "{{ net }}.1"}\nnet: 10.0.0', "10.0.0.1"],
  ["{{ ips[1] }}", "ips: [10.0.0.1, 10.0.0.2]", "10.0.0.2"],
  ["{{ inventory_hostname }}", "", "web1.example.com"],
  ["{{ inventory_hostname_short }}.lan", "", "web1.lan"],
  ["{{ group_names[0] }}-{{ inventory_dir | basename }}", "", "web-inv"],
  ["{{ inventory_hostname.split('.')[0] }}", "", "web1"],
  ["{{ ip | default('10.0.0.9') }}", "", "10.0.0.9"],
  ["{{ ip | default(omit) }}", "", undefined],
  ["{% if dmz %}10.1.0.1{% else %}10.0.0.1{% endif %}", "dmz: no", "10.0.0.1"],
  ["{{ literal }}", "literal: !unsafe a{{b}}", "a{{b}}"],
];

for (const [template, vars, address] of templates) {
  Deno.test(`connectionSettings() renders ${template} as ${address}`, async () => {
    const read = await settings(`ansible_host: "${template}"\n${vars}`);
    assertEquals(read.address, address);
  });
}

const badTemplates: [template: string, vars: string, complaint: string][] = [
  [
    "{{ ip }}",
    "",
    `Cannot render ansible_host of web1.example.com: 'ip' is undefined in "{{ ip }}"`,
  ],
  [
    "{{ ip ",
    "",
    "Cannot render ansible_host of web1.example.com: the tag is not closed",
  ],
  ["{{ lookup('environ', 'X') }}", "", "ftl has no lookup 'environ'"],
  [
    "{{ a }}",
    'a: "{{ b }}"\nb: "{{ a }}"',
    "the variable 'a' uses itself: ansible_host, a, b, a",
  ],
  ["{{ ansible_host }}", "", "the variable 'ansible_host' uses itself"],
  [
    "{{ a }}",
    'a: "{{ c }}"',
    "Cannot render ansible_host of web1.example.com: 'c' is undefined (in the variable 'a')",
  ],
  [
    "{% for i in range(9999999) %}x{% endfor %}",
    "",
    "a list would have more than",
  ],
  [
    "{{ a }}",
    "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162",
    "Cannot read a of web1.example.com: it is encrypted with Ansible Vault in inv/hosts.yml:5:17",
  ],
  ["{{ a }}", "a: -oProxyCommand=x", "is not one plain word"],
];

for (const [template, vars, complaint] of badTemplates) {
  Deno.test(`connectionSettings() refuses ${template} with ${JSON.stringify(vars)}`, async () => {
    await assertRejects(
      () => settings(`ansible_host: "${template}"\n${vars}`),
      InventoryError,
      complaint,
    );
  });
}

Deno.test("connectionSettings() reports an unreadable password when it is revealed", async () => {
  const vault = await settings(
    "ansible_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162",
  );
  await assertRejects(
    async () => await vault.password?.reveal(),
    InventoryError,
    "Cannot read ansible_password of web1.example.com: it is encrypted with Ansible Vault in inv/hosts.yml:4:32, and it is damaged",
  );
  const lookup = await settings(
    `ansible_become_password: "half{{ pw }}"`,
  );
  const error = await assertRejects(
    async () => await lookup.become.password?.reveal(),
    InventoryError,
    "'pw' is undefined",
  );
  assertEquals(Deno.inspect(error).includes("half"), false);
});

Deno.test("connectionSettings() renders a password unless it is marked !unsafe", async () => {
  const rendered = await settings('ansible_password: "{{ pw }}"\npw: x');
  assertEquals(await rendered.password?.reveal(), "x");
  const unsafe = await settings("ansible_password: !unsafe 'a{{b'");
  assertEquals(await unsafe.password?.reveal(), "a{{b");
});

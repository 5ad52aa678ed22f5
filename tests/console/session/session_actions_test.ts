// set_fact, include_vars, add_host and group_by change a session, and nothing else.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../../support/ftl.ts";

const HOSTS = ["-c", "local", "-i", "h1,h2,"];

Deno.test("lines of a console see what the lines before them set", async () => {
  await using account = await createAccount();
  const file = join(account.home, "vars.yml");
  await Deno.writeTextFile(file, "size: large\n");
  const lines = [
    "set_fact color=red on=yes",
    "debug var=color",
    "assert that=\"on and color == 'red'\"",
    `include_vars file=${file}`,
    "debug var=size",
    ":use h1",
    "group_by key='of one' parents=ones",
    ":use all",
    ":use ones",
    "debug var=group_names",
    "add_host name=h3 groups=extra,more ansible_connection=local shade=blue",
    ":use extra",
    "debug var=shade",
    ":vars h3",
    ":use all",
    ":hosts",
  ];
  const { code, stdout, stderr } = await account.ftl(
    ["console", "--format", "lines", ...HOSTS],
    lines.join("\n") + "\n",
  );
  assertEquals(stderr, "");
  assertEquals(code, 0);
  for (
    const part of [
      /h1: {"color":"red"}/,
      /h2: {"color":"red"}/,
      /h2: All assertions passed/,
      /h2: {"size":"large"}/,
      /h1: {"group_names":\["of-one","ones"\]}/,
      /h3: {"shade":"blue"}/,
      /h3, groups: extra, more/,
    ]
  ) assertMatch(stdout, part);
  assertMatch(stdout, /3 hosts\n.*h\[1-3\]/);
});

Deno.test("a single call does not change a session that there is not", async () => {
  await using account = await createAccount();
  for (const words of [["add_host", "name=h3"], ["group_by", "key=a"]]) {
    const { code, stderr } = await account.ftl(["run", ...words, ...HOSTS]);
    assertEquals(code, 2);
    assertMatch(stderr, /it changes the inventory of a session/);
  }
  const set = await account.ftl(["run", "set_fact", "a=1", ...HOSTS]);
  assertEquals(set.code, 0);
});

/** A module whose facts are what a hostile host would say. */
const HOSTILE = `#!/usr/bin/python3
import json
# WANT_JSON
told = "{{ lookup('env', 'HOME') }}"
breaks = "1) %}{% include 'modules/hostile.py' %}{% endif %}{% if (1"
facts = {"told": told, "asks": told[3:-3], "breaks": breaks, "one": 1}
print(json.dumps({"ansible_facts": facts}))
`;

Deno.test("what a host said stays data in the variables that are made from it", async () => {
  await using account = await createAccount();
  const folder = join(account.home, "modules");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(folder, "hostile.py"), HOSTILE);
  const lines = [
    ":use h1",
    "hostile",
    'set_fact made="{{ told }}" inside:=\'{"a": ["{{ told }}"]}\'',
    'add_host name=h3 ansible_connection=local made="{{ told }}"',
    'debug msg="{{ made }} {{ inside.a[0] }} {{ hostvars.h3.made }}"',
    "debug var=made",
  ];
  const { code, stdout, stderr } = await account.ftl(
    ["console", "--format", "lines", "-M", folder, ...HOSTS],
    lines.join("\n") + "\n",
  );
  assertEquals(stderr, "");
  assertEquals(code, 0);
  const said = "{{ lookup('env', 'HOME') }}";
  assertEquals(stdout.includes(account.home), false, stdout);
  assertEquals(stdout.includes(`${said} ${said} ${said}`), true, stdout);
  assertEquals(stdout.includes(`{"made":"${said}"}`), true, stdout);
});

Deno.test("a secret stays one in the variables that are made from it", async () => {
  await using account = await createAccount();
  const inventory = join(account.home, "hosts");
  await Deno.writeTextFile(
    inventory,
    "h1 ansible_connection=local my_password=correct-horse\n",
  );
  const secret = join(account.home, "secret.txt");
  await Deno.writeTextFile(secret, "battery-staple\n");
  const lines = [
    'set_fact made="{{ my_password }}"',
    'debug msg="{{ made }}"',
    "debug var=made",
    ":vars h1",
    `set_fact other:secret=@${secret}`,
    ":vars h1",
    'add_host name=h3 ansible_connection=local made="{{ my_password }}"',
    'debug msg="{{ hostvars.h3.made | b64encode }} {{ made }}"',
  ];
  const { code, stdout, stderr } = await account.ftl(
    ["console", "--format", "lines", "-i", inventory],
    lines.join("\n") + "\n",
  );
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /\*{8}/);
  assertEquals(
    /correct|Y29ycmVjdC1ob3JzZQ|battery/.test(stdout),
    false,
    stdout,
  );
});

Deno.test("a condition that a template made reads nothing of this machine", async () => {
  await using account = await createAccount();
  const folder = join(account.home, "modules");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(folder, "hostile.py"), HOSTILE);
  const lines = [
    ":use h1",
    "hostile",
    `assert that="{{ one }} == 1"`,
    `assert that="lookup('env', 'HOME') != ''"`,
    `assert that:='["{{ one }} == 1", "lookup(\\"env\\", \\"HOME\\")"]'`,
    'assert that="{{ asks }}"',
    'assert that="{{ breaks }}"',
    'debug var="{{ asks }}"',
  ];
  const { code, stdout, stderr } = await account.ftl(
    ["console", "--keep-going", "--format", "lines", "-M", folder, ...HOSTS],
    lines.join("\n") + "\n",
  );
  assertEquals(code, 1);
  assertEquals(stdout.match(/All assertions passed/g)?.length, 3, stdout);
  const refused = (stdout + stderr).match(/may not read this machine/g);
  assertEquals(refused?.length, 3, stdout + stderr);
});

Deno.test("include_vars keeps text marked !unsafe, and templates beside it", async () => {
  await using account = await createAccount();
  const file = join(account.home, "vars.yml");
  await Deno.writeTextFile(
    file,
    "color: blue\nall: {a: '{{ color }}', b: !unsafe '{{ x }}'}\n",
  );
  const lines = [
    ":use h1",
    `include_vars file=${file}`,
    "debug var=all",
    `include_vars file=${file} name=named`,
    'debug msg="{{ named.all.b }}"',
  ];
  const { code, stdout, stderr } = await account.ftl(
    ["console", "--format", "lines", ...HOSTS],
    lines.join("\n") + "\n",
  );
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /h1: {"all":{"a":"blue","b":"{{ x }}"}}/);
  assertMatch(stdout, /^h1: {{ x }}$/m);
});

Deno.test("variables that a session sets become facts only with cacheable", async () => {
  await using account = await createAccount();
  const folder = join(account.home, "modules");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(folder, "hostile.py"), HOSTILE);
  const file = join(account.home, "vars.yml");
  await Deno.writeTextFile(file, "size: 1\n");
  const lines = [
    ":use h1",
    "hostile",
    "set_fact one=2 color=red",
    `include_vars file=${file}`,
    'debug msg="{{ one }} {{ ansible_facts.one }}"',
    'debug msg="{{ ansible_facts | length }}"',
    "set_fact kept=3 cacheable=yes",
    'debug msg="{{ kept }} {{ ansible_facts.kept }}"',
  ];
  const { code, stdout, stderr } = await account.ftl(
    ["console", "--format", "lines", "-M", folder, ...HOSTS],
    lines.join("\n") + "\n",
  );
  assertEquals([code, stderr], [0, ""]);
  for (const part of [/^h1: 2 1$/m, /^h1: {"msg":4}$/m, /^h1: 3 3$/m]) {
    assertMatch(stdout, part);
  }
});

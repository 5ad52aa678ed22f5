import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InventoryError } from "../../src/errors.ts";
import { hostsOf } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { selectHosts } from "../../src/inventory/pattern/pattern.ts";
import { UnsafeText, VaultValue } from "../../src/inventory/secret_value.ts";
import { memorySources } from "./memory_sources.ts";

Deno.test("loadInventory() merges variables from all to the host", async () => {
  const inventory = await loadInventory(
    ["hosts.yml"],
    memorySources({
      "hosts.yml": `
all:
  vars: {from: all, a: 1}
  children:
    parent:
      vars: {from: parent, p: 1}
      children:
        child:
          vars: {from: child, c: 1}
          hosts:
            web1: {from: host, h: 1}
            web2:
`,
    }),
  );
  assertEquals(inventory.hosts.get("web1")?.vars, {
    from: "host",
    a: 1,
    p: 1,
    c: 1,
    h: 1,
  });
  assertEquals(inventory.hosts.get("web2")?.vars, {
    from: "child",
    a: 1,
    p: 1,
    c: 1,
  });
  assertEquals(inventory.hosts.get("web1")?.groups, ["parent", "child"]);
});

Deno.test("loadInventory() of no sources has all and ungrouped, and no hosts", async () => {
  const { hosts, groups } = await loadInventory([], memorySources({}));
  assertEquals(hosts.size, 0);
  assertEquals([...groups.keys()], ["all", "ungrouped"]);
});

Deno.test("loadInventory() names a source that does not exist", async () => {
  const error = await assertRejects(
    () => loadInventory(["nope"], memorySources({})),
    InventoryError,
    "Cannot read inventory nope: no such file or folder",
  );
  assertEquals(error.hint, "Add a comma to name a host: nope,");
  for (const file of ["nope.ini", "inv/nope"]) {
    const error = await assertRejects(
      () => loadInventory([file], memorySources({})),
      InventoryError,
    );
    assertEquals(error.hint, undefined);
  }
});

Deno.test("loadInventory() refuses a script that is not executable", async () => {
  await assertRejects(
    () =>
      loadInventory(
        ["x.py"],
        memorySources({ "x.py": "#!/usr/bin/python3\n" }),
      ),
    InventoryError,
    "Cannot run inventory x.py: it is not executable",
  );
});

Deno.test("loadInventory() reads ranges in a list of hosts, as foldNames() writes them", async () => {
  const { hosts } = await loadInventory(
    ["web[01-02,07],db[1:2],"],
    memorySources({}),
  );
  assertEquals([...hosts.keys()], ["web01", "web02", "web07", "db1", "db2"]);
});

Deno.test("loadInventory() rejects when its signal aborts", async () => {
  await assertRejects(
    () =>
      loadInventory(["a,"], memorySources({}), {
        signal: AbortSignal.abort(new Error("enough")),
      }),
    Error,
    "enough",
  );
});

Deno.test("a host or variable named like a property of objects is only a name", async () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const { hosts, groups } = await loadInventory(
    ["h.yml", "h.ini", "h.json"],
    memorySources({
      "h.yml": names.map((name) =>
        `${name}: {hosts: {${name}: {${name}: {${name}: 1}}}}`
      ).join("\n"),
      "h.ini": names.map((name) => `${name} ini_${name}="{'${name}': 1}"`).join(
        "\n",
      ),
      "h.json":
        `{"_meta": {"hostvars": {"__proto__": {"json": 1}}}, "__proto__": ["__proto__"]}`,
    }),
  );
  assertEquals([...hosts.keys()], names);
  assertEquals([...groups.keys()].slice(2), names);
  const vars = hosts.get("__proto__")?.vars ?? {};
  assertEquals(Object.keys(vars), ["__proto__", "ini___proto__", "json"]);
  assertEquals(Object.getPrototypeOf(vars), null);
  assertEquals(({} as Record<string, unknown>).json, undefined);
});

Deno.test("a host's variables cannot be changed", async () => {
  const { hosts } = await loadInventory(["a,b,"], memorySources({}));
  assertThrows(() => Object.assign(hosts.get("a")!.vars, { x: 1 }), TypeError);
});

Deno.test("hosts with the same variables share them", async () => {
  const { hosts } = await loadInventory(
    ["h.ini"],
    memorySources({ "h.ini": "[web]\nweb[1:2]\n[web:vars]\na=1\n" }),
  );
  assert(hosts.get("web1")?.vars === hosts.get("web2")?.vars);
});

Deno.test("layersOf() returns where each variable was set, the weakest first", async () => {
  const inventory = await loadInventory(
    ["inv/h.ini"],
    memorySources({
      "inv/h.ini": "[web]\nweb1 a=host\n\n[web:vars]\na=group\n",
      "inv/group_vars/all.yml": "---\na: file\n",
      "inv/host_vars/web1/x.yml": "\na: strongest\n",
    }),
  );
  const layers = inventory.layersOf("web1").map(
    ({ owner, name, variables }) => {
      const { file, line, value } = variables.get("a")!;
      return `${owner} ${name}: ${value} (${file}:${line})`;
    },
  );
  assertEquals(layers, [
    "group web: group (inv/h.ini:5)",
    "group all: file (inv/group_vars/all.yml:2)",
    "host web1: host (inv/h.ini:2)",
    "host web1: strongest (inv/host_vars/web1/x.yml:2)",
  ]);
  assertEquals(inventory.hosts.get("web1")?.vars.a, "strongest");
  assertThrows(() => inventory.layersOf("web2"), RangeError, "web2");
});

Deno.test("loadInventory() keeps encrypted and unsafe values as such", async () => {
  const { hosts, warnings } = await loadInventory(
    ["h.yml", "h.json"],
    memorySources({
      "h.yml":
        "web:\n  hosts:\n    web1:\n      a: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        6162\n      b: !unsafe '{{ x }}'\n      c: !unsafe plain\n",
      "h.json":
        `{"_meta": {"hostvars": {"web1": {"d": {"__ansible_vault": "x"}, "e": {"__ansible_unsafe": "{{ y }}"}}}}, "web": ["web1"]}`,
      "group_vars/web": "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
    }),
  );
  const { a, b, c, d, e } = hosts.get("web1")!.vars;
  assert(a instanceof VaultValue && d instanceof VaultValue);
  assertEquals(a.place, { file: "h.yml", line: 4, column: 17 });
  assert(b instanceof UnsafeText && e instanceof UnsafeText);
  assertEquals([b.text, c, e.text], ["{{ x }}", "plain", "{{ y }}"]);
  assertEquals(warnings, [
    "group_vars/web: skipped: the file is encrypted with Ansible Vault, and no vault password is set",
  ]);
});

Deno.test("hostsOf() lists a group's own hosts first, then level by level", async () => {
  const inventory = await loadInventory(
    ["h.ini"],
    memorySources({
      "h.ini":
        "[c]\nc1\nb1\n[b]\nb1\n[b:children]\nc\n[a:children]\nb\n[a]\nz\n",
    }),
  );
  assertEquals(hostsOf(inventory, "a").map(({ name }) => name), [
    "z",
    "b1",
    "c1",
  ]);
});

Deno.test("twenty thousand hosts in groups a hundred deep are loaded and matched", async () => {
  const lines = [
    "[g0]",
    "web[00000:19999].example.com ansible_port=2222",
    "[g0:vars]",
    "level=0",
  ];
  for (let depth = 1; depth < 100; depth++) {
    lines.push(
      `[g${depth}:children]`,
      `g${depth - 1}`,
      `[g${depth}:vars]`,
      `level=${depth}`,
    );
  }
  const inventory = await loadInventory(
    ["h.ini"],
    memorySources({ "h.ini": lines.join("\n") }),
  );
  const chosen = selectHosts(inventory, "g99:!web00000.example.com:&~web0");
  assertEquals(chosen.length, 9_999);
  assertEquals(chosen[0]?.vars, { ansible_port: 2222, level: 0 });
  assertEquals(inventory.groups.get("g0")?.depth, 100);
});

Deno.test("a chain of ten thousand groups does not overflow the stack", async () => {
  const lines = ["[g0]", "web1"];
  for (let depth = 1; depth < 10_000; depth++) {
    lines.push(`[g${depth}:children]`, `g${depth - 1}`);
  }
  const inventory = await loadInventory(
    ["h.ini"],
    memorySources({ "h.ini": lines.join("\n") }),
  );
  assertEquals(inventory.hosts.get("web1")?.groups.length, 10_000);
  assertEquals(hostsOf(inventory, "g9999").length, 1);
});

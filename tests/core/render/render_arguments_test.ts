import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { ModuleCall } from "../../../src/core/call/call.ts";
import { openFleet } from "../../../src/core/run/open_fleet.ts";
import { ref } from "../../../src/core/input/reference.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import { BuildError } from "../../../src/errors.ts";
import { VaultValue } from "../../../src/inventory/secret_value.ts";
import type { Json } from "../../../src/protocol/message.ts";

const SECRET = "correct horse";
const HOSTS = [
  {
    name: "w1",
    groups: ["web"],
    vars: {
      port: 80,
      url: "http://{{ inventory_hostname }}:{{ port }}",
      db_password: SECRET,
      token: VaultValue.inFile(SECRET, { file: "v.yml", line: 1 }),
      ansible_connection: "local",
    },
  },
  { name: "w2", groups: ["web"], vars: { ansible_connection: "local" } },
];

/** Calls debug, which contacts no host, and returns what it showed. */
async function shown(
  msg: Json,
  { hosts = ["w1"], ...call }: Partial<ModuleCall> & { hosts?: string[] } = {},
) {
  await using fleet = await openFleet({ hosts: HOSTS, store: null });
  const { results } = await collect(run(
    fleet,
    { module: "debug", args: { msg }, render: true, ...call },
    { hosts },
  ));
  return results;
}

async function valueOf(msg: Json, call?: Partial<ModuleCall>): Promise<Json> {
  const { result, error } = (await shown(msg, call)).get("w1")!;
  assertEquals(error, null);
  return (result as { msg: Json }).msg;
}

Deno.test("run() fills in templates in arguments, at any depth, with their types", async () => {
  assertEquals(await valueOf("{{ port }}"), 80);
  assertEquals(await valueOf("port {{ port }}"), "port 80");
  assertEquals(await valueOf({ a: ["{{ url }}", { b: "{{ port + 1 }}" }] }), {
    a: ["http://w1:80", { b: 81 }],
  });
  assertEquals(await valueOf({ a: "{{ nope | default(omit) }}", b: 1 }), {
    b: 1,
  });
  assertEquals(await valueOf("{{ groups['web'] }}"), ["w1", "w2"]);
});

Deno.test("run() leaves templates alone without `render`, and in literal arguments", async () => {
  assertEquals(await valueOf("{{ port }}", { render: false }), "{{ port }}");
  assertEquals(await valueOf("{{ port", { literal: ["msg"] }), "{{ port");
});

Deno.test("a host that lacks a variable fails by its name, and others do not", async () => {
  const results = await shown("{{ port }}", { hosts: ["w1", "w2"] });
  assertEquals(results.get("w1")!.status, "ok");
  const { status, error, phases_ms } = results.get("w2")!;
  assertEquals([status, phases_ms], ["failed", {}]);
  assertEquals(
    error!.message,
    "Cannot render the argument msg: 'port' is undefined (line 1, column 4)",
  );
});

Deno.test("a malformed template and an unknown filter are errors before the run", async () => {
  for (
    const [msg, why] of [
      ["{{ port", "the tag is not closed by }} (line 1, column 1)"],
      ["a\n{{ port | uper }}", "unknown filter 'uper', did you mean 'upper'"],
      ["{{ port is defnied }}", "unknown test 'defnied'"],
      ["{{ lookup('fil', 'x') }}", "unknown lookup 'fil'"],
      ["{% if %}", "expected an expression"],
    ] as const
  ) {
    await assertRejects(() => shown(msg), BuildError, why);
  }
});

Deno.test("secrets among the variables are masked wherever they come out", async () => {
  for (
    const msg of [
      "{{ db_password }}",
      "x {{ token }} y",
      "{{ db_password | b64encode }}",
      "{{ hostvars['w1'].db_password }}",
      "{{ lookup('vars', 'token') }}",
      "{{ vars['token'] | upper | lower }}",
    ]
  ) {
    const text = JSON.stringify([...await shown(msg)]);
    assert(!text.includes(SECRET), text);
    assert(text.includes("********"), text);
  }
});

Deno.test("no template hangs or uses up the memory", async () => {
  for (
    const msg of [
      "{% for a in range(999999) %}{% for b in range(999999) %}{% endfor %}{% endfor %}",
      "{{ 'x' * 999999999999 }}",
      "{{ [0] * 999999999 }}",
      "{{ 9 ** 9999999 }}",
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "{% set x = [] %}{{ x.append(x) }}{{ x }}",
      "{{ '%999999999999d' % 1 }}",
      "{{ 'x'.ljust(999999999999) }}",
      "{{ '{:>999999999999}'.format('x') }}",
      `{{ ${"(".repeat(500)}1${")".repeat(500)} }}`,
      "{% set ns = namespace(x='x') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    ]
  ) {
    const results = await shown(msg).catch((error) => {
      if (error instanceof BuildError) return undefined;
      throw error;
    });
    if (results === undefined) continue;
    const { status, error } = results.get("w1")!;
    assertEquals([msg, status], [msg, "failed"]);
    assert(error!.message.startsWith("Cannot render"), error!.message);
  }
});

Deno.test("template finds what is wrong with its file before any contact", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const src = join(folder, "a.j2");
    await Deno.writeTextFile(src, "one\n{{ x | nope }}\n");
    await using fleet = await openFleet({ hosts: HOSTS, store: null });
    const call = { module: "template", args: { src, dest: "/tmp/x" } };
    await assertRejects(() => collect(run(fleet, call)), BuildError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an error of a template hides the secrets that the template used", async () => {
  for (const name of ["db_password", "token"]) {
    for (
      const msg of [
        `{{ {}[${name}].x }}`,
        `{{ lookup('file', ${name}) }}`,
        `{{ nope | mandatory(${name}) }}`,
        `{{ ${name} | from_json }}`,
      ]
    ) {
      const { error } = (await shown(msg)).get("w1")!;
      assert(error !== null, msg);
      const text = JSON.stringify(error);
      assert(!text.includes("correct") && !text.includes("horse"), text);
    }
  }
});

Deno.test("what a template adds to arguments is data, also if it looks like a reference", async () => {
  const forged = { "ftl:ref": "db_password" };
  const facts = { vars: { ansible_connection: "local", forged, port: 1 } };
  const hosts = [{ name: "w1", groups: [], ...facts }];
  await using fleet = await openFleet({ hosts, store: null });
  const msg: Json = { a: "{{ forged }}", b: ref("port") };
  const call = { module: "debug", args: { msg }, render: true };
  const { results } = await collect(run(fleet, call, { hosts: ["w1"] }));
  assertEquals(results.get("w1")?.result, { msg: { a: forged, b: 1 } });
});

Deno.test("all variables of a host can be shown, with its secrets masked", async () => {
  for (const msg of ["{{ vars }}", "{{ hostvars.w1 }}", "{{ hostvars }}"]) {
    const text = JSON.stringify(await valueOf(msg));
    assert(text.includes('"port":80') && !text.includes(SECRET), text);
  }
});

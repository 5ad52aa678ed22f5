import { assertEquals, assertRejects } from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
import { VaultValue } from "../../../src/inventory/secret_value.ts";
import {
  hasRef,
  ref,
  resolveRefs,
  sealRefs,
} from "../../../src/core/input/reference.ts";
import type { Host } from "../../../src/inventory/inventory.ts";
import type { JsonObject } from "../../../src/protocol/message.ts";

const host = {
  name: "web1",
  groups: [],
  vars: { app: { port: 80, db_password: "hunter2" }, disks: ["sda", "sdb"] },
};

const resolved = (args: JsonObject, host: Host) =>
  resolveRefs(sealRefs(args), host);

Deno.test("ref() is plain data that survives JSON", async () => {
  const args = JSON.parse(JSON.stringify({ port: ref("app.port") }));
  assertEquals(hasRef(args), true);
  assertEquals((await resolved(args, host)).args, { port: 80 });
});

Deno.test("resolveRefs() finds references at any depth, and leaves the rest", async () => {
  const args = {
    a: [ref("disks.1"), { b: ref("app") }],
    c: { "ftl:ref": "x", d: 1 },
  };
  assertEquals((await resolved(args, host)).args, {
    a: ["sdb", { b: { port: 80, db_password: "hunter2" } }],
    c: { "ftl:ref": "x", d: 1 },
  });
});

Deno.test("resolveRefs() reports secrets from variables that are named like passwords", async () => {
  const { secrets } = await resolved(
    { login: ref("app.db_password") },
    host,
  );
  assertEquals(secrets, ["hunter2"]);
});

Deno.test("resolveRefs() names the part of a path that a host lacks", async () => {
  for (
    const [path, part] of [
      ["app.host.name", "app.host"],
      ["nothing", "nothing"],
      ["app.port.x", "app.port.x"],
      ["constructor", "constructor"],
      ["disks.length.x", "disks.length.x"],
    ]
  ) {
    await assertRejects(
      () => resolved({ a: ref(path!) }, host),
      RangeError,
      `the host has no variable ${part}`,
    );
  }
});

Deno.test("resolveRefs() decrypts encrypted values, and reports them as secrets", async () => {
  const place = { file: "vault.yml", line: 3 };
  const vars = { app: { key: VaultValue.inFile("hunter2", place), port: 80 } };
  const { args, secrets } = await resolved(
    { app: ref("app"), list: [ref("app.key")] },
    { ...host, vars },
  );
  assertEquals(args, { app: { key: "hunter2", port: 80 }, list: ["hunter2"] });
  assertEquals(secrets, ["hunter2", "hunter2"]);
});

Deno.test("resolveRefs() names the file and line of what it cannot decrypt", async () => {
  const key = VaultValue.encrypted("$ANSIBLE_VAULT;1.1;AES256\n6162", {
    file: "hosts.yml",
    line: 3,
  });
  await assertRejects(
    () => resolved({ a: ref("key") }, { ...host, vars: { key } }),
    InventoryError,
    "Cannot read key of web1: it is encrypted with Ansible Vault in hosts.yml:3, and it is damaged",
  );
});

Deno.test("resolveRefs() leaves references that were not sealed: a host may have made them", async () => {
  const args = {
    a: sealRefs({ b: ref("app.port") }),
    c: ref("app.db_password"),
  };
  assertEquals(await resolveRefs(args, host), {
    args: { a: { b: 80 }, c: { "ftl:ref": "app.db_password" } },
    secrets: [],
  });
});

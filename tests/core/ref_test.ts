import { assertEquals, assertThrows } from "@std/assert";
import { hasRef, ref, resolveRefs } from "../../src/core/ref.ts";

const host = {
  name: "web1",
  groups: [],
  vars: { app: { port: 80, db_password: "hunter2" }, disks: ["sda", "sdb"] },
};

Deno.test("ref() is plain data that survives JSON", () => {
  const args = JSON.parse(JSON.stringify({ port: ref("app.port") }));
  assertEquals(hasRef(args), true);
  assertEquals(resolveRefs(args, host).args, { port: 80 });
});

Deno.test("resolveRefs() finds references at any depth, and leaves the rest", () => {
  const args = {
    a: [ref("disks.1"), { b: ref("app") }],
    c: { "ftl:ref": "x", d: 1 },
  };
  assertEquals(resolveRefs(args, host).args, {
    a: ["sdb", { b: { port: 80, db_password: "hunter2" } }],
    c: { "ftl:ref": "x", d: 1 },
  });
});

Deno.test("resolveRefs() names what came from a variable with a password's name", () => {
  const { secrets } = resolveRefs({ login: ref("app.db_password") }, host);
  assertEquals(secrets, ["hunter2"]);
});

Deno.test("resolveRefs() names the part of a path that a host lacks", () => {
  for (
    const [path, part] of [
      ["app.host.name", "app.host"],
      ["nothing", "nothing"],
      ["app.port.x", "app.port.x"],
      ["constructor", "constructor"],
      ["disks.length.x", "disks.length.x"],
    ]
  ) {
    assertThrows(
      () => resolveRefs({ a: ref(path!) }, host),
      RangeError,
      `the host has no variable ${part}`,
    );
  }
});

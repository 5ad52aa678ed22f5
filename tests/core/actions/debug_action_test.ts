import { assertEquals } from "@std/assert";
import { openFleet } from "../../../src/core/run/open_fleet.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import type { JsonObject } from "../../../src/protocol/message.ts";

const HOSTS = [{
  name: "w1",
  groups: ["web"],
  vars: {
    port: 80,
    url: "http://{{ inventory_hostname }}:{{ port }}",
    users: [{ name: "ann" }],
    db_password: "correct horse",
    ansible_connection: "local",
  },
}];

/** What debug answers on the host. */
async function debug(args: JsonObject) {
  await using fleet = await openFleet({ hosts: HOSTS, store: null });
  const { results } = await collect(run(fleet, { module: "debug", args }));
  return results.get("w1")!;
}

for (
  const [expression, value] of [
    ["url", "http://w1:80"],
    ["port + 1", 81],
    ["users[0].name | upper", "ANN"],
    ["groups['web']", ["w1"]],
    ["'p=' ~ db_password", "********"],
    ["users[5].name", "VARIABLE IS NOT DEFINED!"],
  ] as const
) {
  Deno.test(`debug shows what ${expression} is`, async () => {
    const { result } = await debug({ var: expression });
    assertEquals(result, { [expression]: value } as JsonObject);
  });
}

Deno.test("debug fails for options that it does not have", async () => {
  const { status, result } = await debug({ vars: "port" });
  assertEquals([status, (result as JsonObject).msg], [
    "failed",
    "Invalid options for debug: vars",
  ]);
});

Deno.test("debug fails for a malformed expression", async () => {
  const { status, error } = await debug({ var: "port +" });
  assertEquals(status, "failed");
  assertEquals(
    error?.message,
    "var:1:11: expected an expression, got the end of the tag",
  );
});

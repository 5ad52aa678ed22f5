// How hosts are put into messages.
import { assertEquals } from "@std/assert";
import { groupsOf } from "../../../../src/core/nats/sender/chunk_sending.ts";

Deno.test("hosts with large arguments go in messages of bounded size", () => {
  const sizes = [1, 3_000_000, 1_000_000, 2_000_000, 9_000_000, 5];
  const hosts = sizes.map((size, index) => ({
    host: { index, name: "h", vars: {}, args: { text: "x".repeat(size) } },
    isSecret: false,
  }));
  const groups = [...groupsOf(hosts)]
    .map((group) => group.map(({ host }) => host.index));
  assertEquals(groups, [[0, 1, 2], [3], [4], [5]]);
});

import { assertEquals, assertThrows } from "@std/assert";
import { LogPlan } from "../../../../src/core/nats/messages/log_plan.ts";
import { MessageMembers } from "../../../../src/core/nats/messages/message_members.ts";
import { encodeNats } from "../../../../src/core/nats/server/encode_nats.ts";
import { FtlError } from "../../../../src/errors.ts";

const read = (logs: unknown, hosts: number) =>
  LogPlan.read(MessageMembers.parse(encodeNats({ logs })), hosts);
const logsOf = (plan: LogPlan, hosts: number) =>
  Array.from({ length: hosts }, (_, index) => plan.logOf(index));

Deno.test("hosts of one site share logs, those of different sites never do", () => {
  const sites = Array.from({ length: 64 }, (_, i) => i % 2 ? "oslo" : "_any");
  const plan = LogPlan.of(sites);
  for (const [log, hosts] of plan.byLog(sites.keys())) {
    assertEquals(hosts.length, 2);
    const [first, second] = hosts.map((index) => sites[index]);
    assertEquals(first, second);
    assertEquals(hosts.map((index) => plan.has(log, index)), [true, true]);
  }
  assertEquals([plan.has(0, -1), plan.has(0, 64)], [false, false]);
});

Deno.test("a reader of a plan has the logs of its sender", () => {
  for (const hosts of [0, 1, 15, 17, 2000]) {
    for (const kinds of [1, 3]) {
      const sites = Array.from({ length: hosts }, (_, i) => `s${i % kinds}`);
      const plan = LogPlan.of(sites);
      const copy = read(plan.sent, hosts);
      assertEquals(logsOf(copy, hosts), logsOf(plan, hosts));
    }
  }
  const most = Math.max(
    ...LogPlan.of(Array(5000).fill("_any")).byLog(Array(5000).keys()).values()
      .map(({ length }) => length),
  );
  assertEquals(most, 50);
});

Deno.test("a plan that does not fit the hosts is refused", () => {
  const wrong: readonly [unknown, number][] = [
    [{ sizes: [] }, 1],
    [{ sizes: [1, 1] }, 2],
    [{ sizes: [0] }, 1],
    [{ sizes: [1e9] }, 1],
    [{ sizes: [1], sites: [0] }, 2],
    [{ sizes: [1], sites: [1] }, 1],
    [{}, 1],
    [7, 1],
  ];
  for (const [logs, hosts] of wrong) {
    assertThrows(() => read(logs, hosts), FtlError);
  }
});

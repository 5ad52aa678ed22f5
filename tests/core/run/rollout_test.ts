import { assertEquals, assertRejects } from "@std/assert";
import type { Status } from "../../../src/core/call/call.ts";
import { Rollout, type RolloutOptions } from "../../../src/core/run/rollout.ts";

const signal = new AbortController().signal;

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

/** A run on `hosts` hosts, all of which are ready to start. */
function start(hosts: number, options: RolloutOptions, fanout = 500) {
  const rollout = new Rollout({ ...options, hosts, fanout });
  let begun = 0;
  const stopped: string[] = [];
  for (let i = 0; i < hosts; i++) {
    rollout.begin(signal).then((reason) => {
      if (reason === undefined) begun++;
      else stopped.push(reason);
    });
  }
  return {
    stopped,
    /** Ends hosts, and returns how many have started by then. */
    async end(...statuses: Status[]): Promise<number> {
      for (const status of statuses) rollout.end(status);
      await settle();
      return begun;
    },
  };
}

Deno.test("without options every host starts at once", async () => {
  const { end } = start(1000, {}, 1);
  assertEquals(await end(), 1000);
});

Deno.test("a batch starts when all hosts of the one before it have ended", async () => {
  const { end, stopped } = start(5, { serial: { hosts: 2 } });
  assertEquals(await end(), 2);
  assertEquals(await end("ok"), 2);
  assertEquals(await end("failed"), 4);
  assertEquals(await end("ok", "changed"), 5);
  assertEquals(await end("ok"), 5);
  assertEquals(stopped, []);
});

Deno.test("a percentage of the hosts is rounded down, but to at least one", async () => {
  assertEquals(await start(10, { serial: { percent: 25 } }).end(), 2);
  assertEquals(await start(3, { serial: { percent: 1 } }).end(), 1);
  assertEquals(await start(3, { serial: { hosts: 7 } }).end(), 3);
});

Deno.test("no batch starts after one that failed on every host", async () => {
  const { end, stopped } = start(5, { serial: { hosts: 2 } });
  assertEquals(await end("failed", "unreachable"), 2);
  assertEquals(stopped, Array(3).fill("all 2 hosts before it have failed"));
  const single = start(3, { serial: { hosts: 1 } });
  await single.end("ok");
  await single.end("timed_out");
  assertEquals(single.stopped, ["the host before it has failed"]);
});

Deno.test("maxFail is a number or a percentage of all hosts", async () => {
  const number = start(9, {
    serial: { hosts: 3 },
    maxFail: { hosts: 3 },
  });
  assertEquals(await number.end("failed", "failed", "failed"), 6);
  assertEquals(await number.end("ok", "timed_out"), 6);
  await number.end("ok");
  assertEquals(
    number.stopped,
    Array(3).fill("4 of 9 hosts have failed, more than 3"),
  );
  const share = start(10, { serial: { hosts: 5 }, maxFail: { percent: 20 } });
  assertEquals(await share.end("failed", "failed", "ok", "ok", "ok"), 10);
  const none = start(4, { serial: { hosts: 1 }, maxFail: { hosts: 0 } });
  await none.end("skipped");
  await none.end("unreachable");
  assertEquals(
    none.stopped,
    Array(2).fill("1 of 4 hosts have failed, more than 0"),
  );
});

Deno.test("with maxFail and no batches, no more than the fanout starts", async () => {
  const { end, stopped } = start(5, { maxFail: { hosts: 0 } }, 2);
  assertEquals(await end(), 2);
  assertEquals(await end("ok"), 3);
  assertEquals(await end("failed"), 3);
  assertEquals(stopped.length, 2);
});

Deno.test("a waiting host ends when the run is cancelled", async () => {
  const rollout = new Rollout({ hosts: 2, fanout: 1, serial: { hosts: 1 } });
  const cancel = new AbortController();
  await rollout.begin(cancel.signal);
  const waiting = rollout.begin(cancel.signal);
  cancel.abort(new Error("cancelled"));
  await assertRejects(() => waiting, Error, "cancelled");
});

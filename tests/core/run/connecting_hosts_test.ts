import { assertEquals } from "@std/assert";
import { NEVER } from "../../../src/async/abort.ts";
import { ConnectingHosts } from "../../../src/core/run/connecting_hosts.ts";

/** Takes places until one must be waited for; returns it and those before. */
async function fill(hosts: ConnectingHosts, signal = NEVER) {
  const connected: (() => void)[] = [];
  for (;;) {
    let isStarted = false;
    const next = hosts.start(signal);
    next.then(() => isStarted = true);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!isStarted) return { connected, next };
    connected.push(await next);
  }
}

Deno.test("a host waits until another one is connected, however often that is said", async () => {
  const hosts = new ConnectingHosts({ processes: 2, slowMs: Infinity });
  const { connected, next } = await fill(hosts);
  assertEquals(connected.length, 200);
  connected[7]!();
  connected[7]!();
  connected[7] = await next;
  const { connected: more, next: last } = await fill(hosts);
  assertEquals(more, []);
  for (const done of connected) done();
  (await last)();
});

Deno.test("hosts that take long to connect keep no other one waiting", async () => {
  const hosts = new ConnectingHosts({ processes: 1 });
  const started = Array.from({ length: 250 }, () => hosts.start(NEVER));
  // None of the others is connected.
  for (const done of await Promise.all(started)) done();
});

Deno.test("a run that is cancelled waits for no host", async () => {
  const hosts = new ConnectingHosts({ processes: 1, slowMs: Infinity });
  const stop = new AbortController();
  const { connected, next } = await fill(hosts, stop.signal);
  stop.abort();
  (await next)();
  for (const done of connected) done();
});

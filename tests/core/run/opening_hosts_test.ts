import { assertEquals } from "@std/assert";
import { NEVER } from "../../../src/async/abort.ts";
import { OpeningHosts } from "../../../src/core/run/opening_hosts.ts";

/** Takes places until one must be waited for; returns it and those before. */
async function fill(hosts: OpeningHosts, signal = NEVER) {
  const opened: (() => void)[] = [];
  for (;;) {
    let isOpening = false;
    const next = hosts.start(signal);
    next.then(() => isOpening = true);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!isOpening) return { opened, next };
    opened.push(await next);
  }
}

Deno.test("a host waits until another one is open, however often that is said", async () => {
  const hosts = new OpeningHosts({ processes: 2, slowMs: Infinity });
  const { opened, next } = await fill(hosts);
  assertEquals(opened.length, 200);
  opened[7]!();
  opened[7]!();
  opened[7] = await next;
  const { opened: more, next: last } = await fill(hosts);
  assertEquals(more, []);
  for (const open of opened) open();
  (await last)();
});

Deno.test("hosts that take long to open keep no other one waiting", async () => {
  const hosts = new OpeningHosts({ processes: 1 });
  const started = Array.from({ length: 250 }, () => hosts.start(NEVER));
  // None of the others is open.
  for (const open of await Promise.all(started)) open();
});

Deno.test("a run that is cancelled waits for no host", async () => {
  const hosts = new OpeningHosts({ processes: 1, slowMs: Infinity });
  const stop = new AbortController();
  const { opened, next } = await fill(hosts, stop.signal);
  stop.abort();
  (await next)();
  for (const open of opened) open();
});

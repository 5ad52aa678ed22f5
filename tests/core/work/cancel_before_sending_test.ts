import { assertEquals } from "@std/assert";
import type {
  HostAccount,
  LinkedGate,
} from "../../../src/core/fleet/host_link.ts";
import type { PreparedModule } from "../../../src/core/fleet/provision.ts";
import { callModule } from "../../../src/core/work/module_call.ts";

const prepared: PreparedModule = {
  name: "ping",
  kind: "native",
  pack: null,
  secrets: [],
  unmasked: [],
  warnings: [],
};

Deno.test("a call that is cancelled before the host gets bytes is not sent after them", async () => {
  const sending = Promise.withResolvers<void>();
  let calls = 0;
  const gate = {
    channel: {
      pending: 0,
      call: () => {
        calls++;
        return new Promise(() => {});
      },
    },
    opened: new Promise(() => {}),
    isOpen: false,
    sending: sending.promise,
    isSending: false,
    packs: new Set<string>(),
  } as unknown as LinkedGate;
  const account = {
    gate: () => Promise.resolve(gate),
  } as unknown as HostAccount;
  const stop = new AbortController();
  const outcome = callModule(account, {
    prepared,
    data: { args: {}, timeout_ms: 1000 },
    signal: stop.signal,
    onEvent: () => {},
    onStart: () => {},
  });
  const alive = setInterval(() => {}, 1000); // ftl's own timers keep nothing alive
  await Promise.resolve();
  stop.abort();
  assertEquals(await outcome, { kind: "cancelled", mayHaveRun: false });
  clearInterval(alive);
  sending.resolve(); // the gate opens for another call
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(calls, 0);
});

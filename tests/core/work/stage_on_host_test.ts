import { assert, assertRejects } from "@std/assert";
import type { HostAccount } from "../../../src/core/fleet/host_link.ts";
import type { HostRoute } from "../../../src/core/route/host_endpoint.ts";
import { stageOnHost } from "../../../src/core/work/stage_on_host.ts";
import { ConnectError } from "../../../src/errors.ts";
import { NEVER } from "../../../src/async/abort.ts";

for (const inMemory of [false, true]) {
  const where = inMemory ? "in memory" : "on a disk";
  Deno.test(`a file for a host that starts no shell is closed here: ${where}`, async () => {
    let isClosed = false;
    const content = new ReadableStream<Uint8Array>({
      cancel: () => {
        isClosed = true;
      },
    });
    const connection = {
      exec: () => Promise.reject(new ConnectError("full", { phase: "start" })),
    };
    const account = {
      inMemory,
      gateIfOpen: undefined,
      connection: () => Promise.resolve(connection),
    };
    await assertRejects(
      () =>
        stageOnHost({ size: 1, open: () => Promise.resolve(content) }, {
          mode: 0o600,
          account: account as unknown as HostAccount,
          route: { endpoint: { name: "web1" } } as HostRoute,
          signal: NEVER,
          timed: (part) => part(NEVER),
        }, () => Promise.resolve()),
      ConnectError,
      "full",
    );
    assert(isClosed);
  });
}

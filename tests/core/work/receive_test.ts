import { assert, assertRejects } from "@std/assert";
import type { HostAccount } from "../../../src/core/fleet/host_link.ts";
import {
  type HostContextOptions,
  OpenHost,
} from "../../../src/core/work/host_context.ts";
import { ConnectError } from "../../../src/errors.ts";
import { NEVER } from "../../../src/async/abort.ts";

const FULL = new ConnectError("full", { phase: "start" });

for (
  const [what, connection] of [
    ["cannot be reached", () => Promise.reject(FULL)],
    [
      "starts no shell",
      () => Promise.resolve({ exec: () => Promise.reject(FULL) }),
    ],
  ] as const
) {
  Deno.test(`a file from a host that ${what} is closed here`, async () => {
    let isClosed = false;
    const into = new WritableStream<Uint8Array>({
      abort: () => {
        isClosed = true;
      },
    });
    const host = new OpenHost(
      { connection } as unknown as HostAccount,
      { call: {}, signal: NEVER } as unknown as HostContextOptions,
    );
    await assertRejects(
      () => host.receive("/etc/hosts", into),
      ConnectError,
      "full",
    );
    assert(isClosed);
  });
}

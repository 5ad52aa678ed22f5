// Servers with nothing but post-quantum key exchange, which only the system's
// `ssh` has.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { isPostQuantum } from "../../src/transport/post_quantum.ts";
import { openStore } from "../../src/store/store.ts";
import type { HostFleet } from "../../src/core/fleet/host_fleet.ts";
import {
  fleetSuite,
  runCommand,
  troubles,
  withFtl,
} from "../support/fleet/suite.ts";

const test = fleetSuite();
const signal = new AbortController().signal;

async function keyExchangeOf(ftl: HostFleet, name: string) {
  const host = ftl.hosts.find((host) => host.name === name)!;
  return await ftl.use(
    host,
    { keepOpen: true, onPhase: () => {} },
    async (link) => (await link.connection(signal)).keyExchange,
  );
}

test("a host with post-quantum key exchange only is reached, and remembered", async (fleet) => {
  const home = await Deno.makeTempDir({ dir: fleet.folder });
  const reasons: string[] = [];
  const connect = async () => {
    const before = fleet.server("strange").connections();
    await withFtl(
      fleet,
      ["plain", "strange"],
      async (ftl) => {
        const report = await runCommand(ftl, "true");
        assertEquals(troubles(report), []);
        const [plain, strange] = [
          await keyExchangeOf(ftl, "plain"),
          await keyExchangeOf(ftl, "strange"),
        ];
        assertEquals(isPostQuantum(plain!), false);
        assertEquals(isPostQuantum(strange!), true);
      },
      {},
      {},
      {
        store: await openStore(home),
        onOpenssh: (host, reason) => reasons.push(`${host}: ${reason}`),
      },
    );
    return fleet.server("strange").connections() - before;
  };
  const reason =
    "strange: its post-quantum key exchange (sntrup761x25519-sha512@openssh.com";
  assertEquals(await connect(), 2); // the first one found no algorithm
  assertEquals(reasons.length, 1);
  assertStringIncludes(reasons[0]!, reason);
  assertEquals(await connect(), 1);
  assertEquals(reasons.length, 2);
  assertStringIncludes(reasons[1]!, reason);
});

test("the transport ssh that the user asks for stays", async (fleet) => {
  await withFtl(
    fleet,
    ["strange"],
    async (ftl) => {
      const [trouble] = troubles(await runCommand(ftl, "true"));
      assertStringIncludes(
        trouble!,
        "it and ftl have no key exchange algorithm in common; it has sntrup761x25519-sha512@openssh.com",
      );
    },
    {},
    { transport: "ssh" },
  );
});

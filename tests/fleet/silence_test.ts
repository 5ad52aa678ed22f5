// Hosts from which no packet comes: noticed when the time for that is over, and
// holding up nobody else.
import {
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
} from "@std/assert";
import { ConnectError } from "../../src/errors.ts";
import { collect, run } from "../../src/core/run.ts";
import {
  fleetSuite,
  runCommand,
  withFtl,
  withTransport,
} from "../support/fleet/suite.ts";

const test = fleetSuite();
const signal = new AbortController().signal;

test("a host that vanishes during a command is noticed in the time configured", async (fleet) => {
  const config = `${fleet.folder}/alive`;
  await Deno.writeTextFile(
    config,
    "Host far\n  ServerAliveInterval 1\n  ServerAliveCountMax 2\n" +
      await Deno.readTextFile(fleet.sshConfig),
  );
  try {
    await withFtl(fleet, ["far", "plain"], async (ftl) => {
      await runCommand(ftl, "true"); // opens both
      let cutAt = 0;
      const events = run(ftl, {
        module: null,
        args: {},
        command: [
          "[ $SSH_CONNECTION ] && echo here; case $SSH_CONNECTION in *.130\\ *) sleep 300;; esac",
        ],
        stream: true,
      });
      const watched = (async function* () {
        for await (const event of events) {
          if (event.event === "output" && event.host === "far") {
            cutAt = performance.now();
            await fleet.setLink("down");
          }
          yield event;
        }
      })();
      const { results } = await collect(watched);
      const ms = performance.now() - cutAt;
      assertEquals(results.get("plain")?.status, "ok");
      const { status, error } = results.get("far")!;
      assertEquals([status, error?.phase], ["unreachable", "call"]);
      assertEquals(
        error?.message.split(";")[0],
        "Lost the connection to far: it gave no sign of life",
      );
      // Two signs that it owes, one second each, and the one before.
      assertGreaterOrEqual(ms, 1900);
      assertLess(ms, 8000);
    }, { config });
  } finally {
    await fleet.setLink("up");
  }
});

test("an address from which nothing comes ends in the connect timeout", async (fleet) => {
  const endpoint = { ...await fleet.endpoint("far"), address: fleet.blackHole };
  await withTransport({ connectTimeoutMs: 300 }, async (transport) => {
    const began = performance.now();
    const error = await assertRejects(
      () => transport.open(endpoint, { signal }),
      ConnectError,
      `Cannot reach far: ${fleet.blackHole} port 22 did not answer within 0.3 s`,
    );
    assertEquals(error.phase, "connect");
    assertLess(performance.now() - began, 3000);
  });
});

test("an address behind a bastion from which nothing comes does so too", async (fleet) => {
  const endpoint = {
    ...await fleet.endpoint("inner01"),
    address: "10.77.1.99",
  };
  await withTransport({ connectTimeoutMs: 1500 }, async (transport) => {
    await transport.open(await fleet.endpoint("inner02"), { signal });
    const error = await assertRejects(
      () => transport.open(endpoint, { signal }),
      ConnectError,
      "Cannot reach inner01: 10.77.1.99 port 22 did not answer within 1.5 s",
    );
    assertEquals(error.phase, "connect");
  });
});

test("a bastion that vanishes is noticed, with what is behind it", async (fleet) => {
  const [jump] = (await fleet.endpoint("inner01")).jumps!;
  const far = {
    ...await fleet.endpoint("far"),
    ssh: { ...jump!.ssh, keepaliveMs: 300 },
  };
  const server = fleet.server("far");
  const before = server.logins();
  await withTransport({}, async (transport) => {
    const connection = await transport.open({
      ...await fleet.endpoint("far"),
      name: "behind",
      jumps: [far],
    }, { signal });
    await fleet.setLink("down");
    const error = await connection.closed;
    await fleet.setLink("up");
    assertEquals(error?.message, "Lost the connection to behind");
    assertEquals(server.logins() - before, 2);
  });
});

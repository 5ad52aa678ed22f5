// Hosts from which no packet comes: noticed when the time for that is over, and
// holding up nobody else.
import {
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
} from "@std/assert";
import { fromFileUrl } from "@std/path";
import { ConnectError } from "../../src/errors.ts";
import type { Call } from "../../src/core/call/call.ts";
import { collect, run } from "../../src/core/run/run.ts";
import {
  fleetSuite,
  isThorough,
  runCommand,
  withFtl,
  withTransport,
} from "../support/fleet/suite.ts";

const NASTY = fromFileUrl(
  new URL("../fixtures/modules/nasty", import.meta.url),
);
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
        "Lost the connection to far: it stopped responding",
      );
      // Two signs that it owes, one second each, and the one before.
      assertGreaterOrEqual(ms, 1900);
      assertLess(ms, 8000);
    }, { config });
  } finally {
    await fleet.setLink("up");
  }
});

if (isThorough) {
  test("processes of the become user end after the link died, and their files go", async (fleet) => {
    const { etc } = fleet.world;
    await etc.write("sudoers", "deploy ALL=(ALL) NOPASSWD: ALL\n", 0o440);
    const config = `${fleet.folder}/alive_root`;
    await Deno.writeTextFile(
      config,
      "Host far\n  ServerAliveInterval 1\n  ServerAliveCountMax 2\n" +
        await Deno.readTextFile(fleet.sshConfig),
    );
    const [src, dest] = [`${fleet.folder}/large`, `${fleet.folder}/pushed`];
    for (const folder of [src, dest]) await Deno.mkdir(folder);
    using file = await Deno.open(`${src}/f`, { create: true, write: true });
    await file.truncate(2 ** 40);
    const command = ["trap '' TERM; sleep 300"];
    const calls: Call[] = [
      { module: "sleeps", args: {} },
      { command, timeoutMs: 8_000 },
      ...[src, `${src}/f`].map((path) => ({
        push: { src: path, dest },
        timeoutMs: 8_000,
      })),
    ];
    const running = async () =>
      (await fleet.world.run("ps -eo pid=,args="))
        .split("\n").map((line) => line.trim())
        .filter((line) => !/^$|^\d+ (sshd|ps|sh -ec ps)/.test(line));
    const before = new Set(await running());
    await withFtl(
      fleet,
      ["far"],
      async (ftl) => {
        const reports = Promise.all(
          calls.map((call) => collect(run(ftl, call))),
        );
        for (let there: string[] = [];;) {
          there = (await running()).filter((line) => !before.has(line));
          const count = (words: RegExp) =>
            there.filter((line) => words.test(line)).length;
          // A module is a second process of its gate.
          const isCalled = count(/ (sent|hint) kill$/) > 1;
          if (isCalled && [/sleep 300/, /tar -x/, /^\d+ cat$/].every(count)) {
            break;
          }
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
        await fleet.setLink("down");
        const cutAt = performance.now();
        for (const { results } of await reports) {
          const { status, error } = results.get("far")!;
          assertEquals([status, error?.phase], ["unreachable", "call"]);
        }
        assertLess(performance.now() - cutAt, 8000);
      },
      { config },
      { become: { enabled: true } },
      { sources: { dirs: [NASTY] } },
    );
    for (let tries = 0;; tries++) {
      const left = (await running()).filter((line) => !before.has(line));
      if (left.length === 0) break;
      assertLess(tries, 100, left.join("\n"));
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    await fleet.setLink("up");
    assertEquals(await Array.fromAsync(Deno.readDir(dest)), []);
  });
}

test("an address that never answers ends in the connect timeout", async (fleet) => {
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

test("so does an address behind a bastion that never answers", async (fleet) => {
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

test("a bastion that vanishes is noticed, with the hosts behind it", async (fleet) => {
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
      name: "inner",
      jumps: [far],
    }, { signal });
    await fleet.setLink("down");
    const error = await connection.closed;
    await fleet.setLink("up");
    assertEquals(error?.message, "Lost the connection to inner");
    assertEquals(server.logins() - before, 2);
  });
});

// Hosts that only their bastions reach: stock servers, one connection to each
// bastion, and nobody lost on the way.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ConnectError } from "../../src/errors.ts";
import { INNER_HOSTS } from "../support/fleet/fleet.ts";
import {
  fleetSuite,
  isThorough,
  runCommand,
  say,
  troubles,
  withFtl,
  withTransport,
} from "../support/fleet/suite.ts";

const test = fleetSuite();
const signal = new AbortController().signal;
const RUNS = isThorough ? 100 : 10;

const INNER = Array.from(
  { length: INNER_HOSTS },
  (_, i) => `inner${String(i + 1).padStart(2, "0")}`,
);

test(`${RUNS} runs over 40 names behind a stock bastion lose no host, with one connection each`, async (fleet) => {
  const bastion = fleet.server("bastion");
  for (let i = 0; i < RUNS; i++) {
    const before = bastion.connections();
    await withFtl(fleet, INNER, async (ftl) => {
      const report = await runCommand(ftl, "echo $SSH_CONNECTION");
      assertEquals(troubles(report), [], `run ${i + 1}`);
      assertEquals(report.summary.ok, INNER_HOSTS);
    });
    assertEquals(bastion.connections() - before, 1, `run ${i + 1}`);
  }
});

test("a host behind two bastions is reached through both", async (fleet) => {
  const servers = ["bastion", "second", "deep"].map(fleet.server);
  const before = servers.map((server) => server.logins());
  await withTransport({}, async (transport) => {
    const endpoint = await fleet.endpoint("deep");
    const [one, two] = await Promise.all([
      transport.open(endpoint, { signal }),
      transport.open(endpoint, { signal }),
    ]);
    assertStringIncludes(
      await say(one!, "echo $SSH_CONNECTION"),
      "10.77.3.254",
    );
    assertStringIncludes(
      await say(two!, "echo $SSH_CONNECTION"),
      "10.77.3.254",
    );
  });
  assertEquals(
    servers.map((server, i) => server.logins() - before[i]!),
    [1, 1, 2],
  );
});

test("a bastion's host key is checked before the login there", async (fleet) => {
  const logins = fleet.server("bastion").logins();
  const file = `${fleet.folder}/without_bastion`;
  const known = await Deno.readTextFile(fleet.knownHosts);
  const address = fleet.server("bastion").address;
  await Deno.writeTextFile(
    file,
    known.split("\n").filter((line) => !line.startsWith(`${address} `))
      .join("\n"),
  );
  const endpoint = await fleet.endpoint("inner01");
  const strict = { ...endpoint.ssh, knownHostsFiles: [file] };
  await withTransport({}, async (transport) => {
    const error = await assertRejects(
      () =>
        transport.open({
          ...endpoint,
          jumps: endpoint.jumps!.map((jump) => ({ ...jump, ssh: strict })),
        }, { signal }),
      ConnectError,
    );
    assertEquals(error.phase, "hostkey");
    assertStringIncludes(
      error.message,
      "Cannot reach inner01 through bastion: Cannot trust bastion: its ssh-ed25519 key",
    );
  });
  assertEquals(fleet.server("bastion").logins(), logins);
});

test("a proxy command of OpenSSH's own carries a connection", async (fleet) => {
  const { jumps: _, ...endpoint } = await fleet.endpoint("inner07");
  await withTransport({}, async (transport) => {
    const connection = await transport.open({
      ...endpoint,
      proxyCommand:
        `ssh -F ${fleet.sshConfig} -W ${endpoint.address}:22 bastion`,
    }, { signal });
    assertEquals(
      (await say(connection, "echo $SSH_CONNECTION")).split(" ")[2],
      "10.77.1.7",
    );
    connection.close();
    assertEquals(await connection.closed, undefined);
  });
});

test("a lost bastion loses the hosts behind it, and is opened again", async (fleet) => {
  const bastion = fleet.server("bastion");
  await withFtl(fleet, INNER.slice(0, 3), async (ftl) => {
    assertEquals(troubles(await runCommand(ftl, "true")), []);
    const before = bastion.logins();
    // The sessions of the server (sshd-session since OpenSSH 9.8) end, not the server.
    await fleet.world.run("pkill -u deploy '^sshd' || true");
    // A run that begins before the loss is known here may still meet it.
    await runCommand(ftl, "true");
    const report = await runCommand(ftl, "true");
    assertEquals(troubles(report), []);
    assertEquals(bastion.logins() - before, 1);
  });
});

test("a host with room for one session runs one thing after the other", async (fleet) => {
  await withTransport({}, async (transport) => {
    const connection = await transport.open(await fleet.endpoint("single"), {
      signal,
    });
    const texts = await Promise.all(
      [1, 2, 3].map((i) => say(connection, `echo ${i}`)),
    );
    assertEquals(texts, ["1", "2", "3"]);
    assert(connection);
  });
});

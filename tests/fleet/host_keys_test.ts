// Host keys of every standing, by both ways of speaking SSH.
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { HostResult } from "../../src/core/call/call.ts";
import type { TestFleet } from "../support/fleet/fleet.ts";
import { publicKeyOf } from "../support/fleet/keys.ts";
import {
  fleetSuite,
  runCommand,
  troubles,
  withFtl,
} from "../support/fleet/suite.ts";

const test = fleetSuite();

async function results(
  fleet: TestFleet,
  names: readonly string[],
  connection: Parameters<typeof withFtl>[4] = {},
): Promise<HostResult[]> {
  let results: HostResult[] = [];
  await withFtl(
    fleet,
    names,
    async (ftl) => {
      const report = await runCommand(ftl, "true");
      results = names.map((name) => report.results.get(name)!);
    },
    {},
    connection,
  );
  return results;
}

test("a host that only an authority vouches for is reached, beside the others", async (fleet) => {
  await withFtl(fleet, ["signed", "plain", "inner01"], async (ftl) => {
    const report = await runCommand(ftl, "echo $SSH_CONNECTION");
    assertEquals(troubles(report), []);
  });
});

test("a host that another authority has signed is not trusted", async (fleet) => {
  const [result] = await results(fleet, ["missigned"]);
  const { status, error } = result!;
  assertEquals([status, error?.phase], ["unreachable", "hostkey"]);
  assertStringIncludes(error!.message, "missigned");
});

for (const transport of ["ssh", "openssh"] as const) {
  test(`${transport}: keys that are unknown, changed or revoked prevent the login`, async (fleet) => {
    const server = fleet.server("plain");
    const before = server.logins();
    const names = ["unknown", "changed", "revoked"];
    const [unknown, changed, revoked] = await results(fleet, names, {
      transport,
    });
    for (const result of [unknown, changed, revoked]) {
      assertEquals(result!.status, "unreachable");
      assertEquals(result!.error?.phase, "hostkey", result!.error?.message);
      assertStringIncludes(result!.error!.message, result!.host);
    }
    assertStringIncludes(changed!.error!.message, `${fleet.knownHosts}:2`);
    assertStringIncludes(revoked!.error!.message, "revoked");
    assertEquals(server.logins(), before);
  });

  test(`${transport}: a revoked key stays revoked, also when it is signed`, async (fleet) => {
    const file = `${fleet.folder}/revoked_${transport}`;
    const { address } = await fleet.endpoint("signed");
    const authority = await publicKeyOf(`${fleet.folder}/authority_key`);
    const key = await publicKeyOf(`${fleet.folder}/signed_key`);
    await Deno.writeTextFile(
      file,
      `@cert-authority ${address} ${authority}\n@revoked ${address} ${key}\n` +
        `${address} ${key}\n`,
    );
    const [result] = await results(fleet, ["signed"], {
      transport,
      knownHostsFiles: [file],
    });
    assertEquals(result!.error?.phase, "hostkey", result!.error?.message);
    assertStringIncludes(result!.error!.message, "revoked");
  });
}

test("parallel runs record every new key, and lose no lines", async (fleet) => {
  const file = `${fleet.folder}/new/known_hosts`;
  await Deno.mkdir(`${fleet.folder}/new`);
  await Deno.writeTextFile(file, "# mine\nold ssh-ed25519 AAAA"); // no newline
  const names = ["plain", "unknown", "inner01", "inner02", "inner03"];
  const note = () =>
    results(fleet, names, { hostKeys: "accept-new", knownHostsFiles: [file] });
  for (const all of await Promise.all([note(), note(), note()])) {
    assertEquals(all.map(({ status }) => status), names.map(() => "ok"));
  }
  // Two that meet an unfinished line may both end it.
  const lines = (await Deno.readTextFile(file)).split("\n").filter(Boolean);
  assertEquals(lines.slice(0, 2), ["# mine", "old ssh-ed25519 AAAA"]);
  const key = await publicKeyOf(`${fleet.folder}/host_key`);
  const expected = await Promise.all(
    [...names, "bastion"].map(async (name) =>
      `${(await fleet.endpoint(name)).address} ${key}`
    ),
  );
  assertEquals(new Set(lines.slice(2)), new Set(expected));
});

for (const transport of ["ssh", "openssh"] as const) {
  test(`${transport}: with checking off a changed key lets keys log in, and is told of with file and line`, async (fleet) => {
    const told: string[] = [];
    await withFtl(
      fleet,
      ["changed", "plain"],
      async (ftl) => {
        const report = await runCommand(ftl, "true");
        assertEquals(troubles(report), []);
      },
      { onDistrust: (host, why) => told.push(`${host}: ${why}`) },
      { transport, hostKeys: "off" },
    );
    assertEquals(told.length, 1, told.join());
    assertStringIncludes(told[0]!, "changed: its ");
    assertStringIncludes(told[0]!, `${fleet.knownHosts}:2`);
  });

  test(`${transport}: with checking off a changed host is sent no password to become root`, async (fleet) => {
    let asked = 0;
    const results = new Map<string, HostResult>();
    await withFtl(
      fleet,
      ["changed"],
      async (ftl) => {
        const report = await runCommand(ftl, "true");
        for (const [name, result] of report.results) results.set(name, result);
      },
      {},
      {
        transport,
        hostKeys: "off",
        become: {
          enabled: true,
          method: "su",
          password: () => {
            asked++;
            return Promise.resolve("become-secret");
          },
        },
      },
    );
    const { status, error } = results.get("changed")!;
    assertEquals(status, "unreachable");
    assertEquals(error?.phase, "become", error?.message);
    assertEquals(asked, 0);
  });
}

// A host of today: OpenSSH 10, which bans addresses whose logins fail, and sudo-rs.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { BecomeOverrides } from "../../src/core/become/become.ts";
import { ConnectError } from "../../src/errors.ts";
import type { TestFleet } from "../support/fleet/fleet.ts";
import {
  fleetSuite,
  runCommand,
  troubles,
  withFtl,
  withTransport,
} from "../support/fleet/suite.ts";
import { newerRootNeed, ROOT } from "../support/root_tree.ts";
import { PASSWORD } from "../support/fleet/fleet.ts";

const suite = fleetSuite();
const signal = new AbortController().signal;

/** Declares a test that is skipped where there is no newer Debian. */
function test(name: string, fn: (fleet: TestFleet) => Promise<void>): void {
  if (newerRootNeed.ignore) {
    Deno.test({ name: name + newerRootNeed.suffix, ignore: true, fn() {} });
  } else suite(name, fn);
}

/** Opens one server under many names; returns the errors. */
async function openAs(
  fleet: TestFleet,
  names: readonly string[],
  { password, keys }: { password?: string; keys: readonly string[] },
): Promise<ConnectError[]> {
  const endpoint = {
    ...await fleet.endpoint("banning"),
    identityFiles: keys,
    user: "ada",
  };
  const errors: ConnectError[] = [];
  await withTransport(
    password === undefined
      ? {}
      : { password: () => Promise.resolve(password), answersAlone: false },
    async (transport) => {
      await Promise.all(names.map(async (name) => {
        await transport.open({ ...endpoint, name }, { signal })
          .catch((error) => errors.push(error));
      }));
    },
  );
  return errors;
}

const TEN = Array.from({ length: 10 }, (_, i) => `n${i}`);

test("many names of a banning server are reached with the right key", async (fleet) => {
  const errors = await openAs(fleet, TEN, { keys: [fleet.identityFile] });
  assertEquals(errors, []);
});

test("a wrong password costs one connection, and then the ban is named", async (fleet) => {
  const server = fleet.server("banning");
  const before = server.connections();
  const errors = await openAs(fleet, TEN, { password: "wrong", keys: [] });
  assertEquals(errors.length, 10);
  assertEquals(server.connections() - before, 1);
  // The server bans when it has noticed the end of the connection's process.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [ban] = await openAs(fleet, ["n1"], { keys: [fleet.identityFile] });
  assert(ban instanceof ConnectError);
  assertEquals(ban.phase, "connect");
  assertStringIncludes(ban.message, "PerSourcePenalties");
  assertStringIncludes(ban.hint!, "Wait about 15 s");
  assertEquals(server.connections() - before, 1);
});

const RULES = `cat >${ROOT}/etc/pam.d/sudo <<'END'
auth [success=ignore default=1] pam_succeed_if.so quiet user = deploy
auth sufficient pam_exec.so quiet /bin/true
auth [success=2 default=ignore] pam_unix.so nodelay
auth optional pam_exec.so quiet /usr/local/bin/count
auth requisite pam_deny.so
auth required pam_permit.so
@include common-account
@include common-session-noninteractive
END
printf '#!/bin/sh\\necho wrong >>/var/wrong\\n' >${ROOT}/usr/local/bin/count
chmod 755 ${ROOT}/usr/local/bin/count
: >${ROOT}/var/wrong
chmod 666 ${ROOT}/var/wrong
echo 'ALL ALL=(ALL:ALL) ALL' >${ROOT}/etc/sudoers
chmod 440 ${ROOT}/etc/sudoers`;

/** Runs `id -un` as root; returns its output or the error. */
async function becomeRoot(
  fleet: TestFleet,
  { user, password, python }: {
    user: string;
    password: string | undefined;
    python: string | undefined;
  },
): Promise<string> {
  const become: BecomeOverrides = {
    enabled: true,
    password: () => Promise.resolve(password),
  };
  let text = "";
  await withFtl(
    fleet,
    ["newer"],
    async (ftl) => {
      const report = await runCommand(ftl, "id -un");
      const { result } = report.results.get("newer")!;
      const { stdout } = (result ?? {}) as { stdout?: string };
      text = stdout?.trim() ?? troubles(report).join();
    },
    {},
    { become, user, python },
  );
  return text;
}

for (const python of [undefined, "/nowhere/python3"]) {
  const where = python === undefined ? "" : ", without Python";
  test(`sudo-rs takes a password once${where}`, async (fleet) => {
    await fleet.world.run(RULES);
    const ada = { user: "ada", python };
    assertEquals(
      await becomeRoot(fleet, { ...ada, password: PASSWORD }),
      "root",
    );
    assertStringIncludes(
      await becomeRoot(fleet, { ...ada, password: "wrong" }),
      "Cannot become root: sudo refused the password",
    );
    const count = `cat ${ROOT}/var/wrong`;
    assertEquals((await fleet.world.run(count)).trim(), "wrong");
    assertStringIncludes(
      await becomeRoot(fleet, { ...ada, password: undefined }),
      "Cannot become root: sudo asks for a password",
    );
  });

  test(`sudo-rs needs no password where PAM asks for none${where}`, async (fleet) => {
    await fleet.world.run(RULES);
    const deploy = { user: "deploy", python };
    for (const password of [undefined, "", PASSWORD]) {
      assertEquals(await becomeRoot(fleet, { ...deploy, password }), "root");
    }
  });
}

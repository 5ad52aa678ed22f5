// Servers as FIPS 140 and hardening guides have them, of both generations of OpenSSH:
// AES, SHA-2 and ECDSA alone, and new keys after each megabyte or 20 seconds.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { TestFleet } from "../support/fleet/fleet.ts";
import { fleetSuite, isThorough } from "../support/fleet/suite.ts";
import { createAccount, MODULES } from "../support/ftl.ts";
import { newerRootNeed, ROOT } from "../support/root_tree.ts";

const suite = fleetSuite();
const MEGABYTES = 6;
/** How long a thorough test goes on, and the length of one call in its console. */
const THOROUGH_MS = 10 * 60_000;
const CALL_S = 25;

const RULES = (etc: string) =>
  `echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' >${etc}/sudoers && chmod 440 ${etc}/sudoers`;

/** Every command that uses a connection, on one host. */
async function useAll(
  fleet: TestFleet,
  { host, transport }: { host: string; transport: "ssh" | "openssh" },
): Promise<void> {
  await using account = await createAccount();
  const ftl = async (words: readonly string[], input?: string) => {
    const [command = "", ...rest] = words;
    const { code, stdout, stderr } = await account.ftl(
      [command, ...fleet.flags, "-l", host, "-c", transport, ...rest],
      input,
    );
    assertEquals(code, 0, `${words.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
  const large = join(account.home, "large");
  const bytes = new Uint8Array(MEGABYTES * 1024 * 1024).map((_, i) => i * 7);
  await Deno.writeFile(large, bytes);
  const there = `/tmp/ftl-strict-${crypto.randomUUID()}`;
  const there2 = `${there}-2`;
  try {
    assertMatch(
      await ftl(["run", "greet", "name=Ada", "-M", MODULES]),
      /Hello,? Ada/,
    );
    const count = `head -c ${bytes.length} /dev/zero | wc -c`;
    assertStringIncludes(await ftl(["exec", "--", count]), `${bytes.length}`);
    await ftl(["push", large, there]);
    await ftl(["fetch", there, join(account.home, "got")]);
    const got = await Deno.readFile(
      join(account.home, "got", host, there.split("/").at(-1)!),
    );
    assertEquals(got.toHex() === bytes.toHex(), true, "the same bytes");
    assertStringIncludes(
      await ftl(["console"], `!echo here\n:push ${large} ${there2}\n`),
      "  here",
    );
    assertStringIncludes(await ftl(["exec", "-b", "--", "id -un"]), "  root\n");
    await ftl([
      "exec",
      "--",
      `cmp ${there} ${there2} && rm ${there} ${there2}`,
    ]);
    await ftl(["open"]);
    assertStringIncludes(await ftl(["exec", "--", "echo kept"]), "  kept");
    const sessions = await account.ftl(["sessions"]);
    assertStringIncludes(sessions.stdout, "default");
    await account.ftl(["close"]);
    const { code, stdout } = await account.ftl(
      ["doctor", ...fleet.flags, "-c", transport, host],
    );
    assertEquals(code, 0, stdout);
  } finally {
    await account.ftl(["close"]);
  }
}

/** Uses every command for ten minutes, beside a console with one connection. */
async function useForLong(
  fleet: TestFleet,
  target: { host: string; transport: "ssh" | "openssh" },
): Promise<void> {
  await using account = await createAccount();
  const calls = Math.ceil(THOROUGH_MS / CALL_S / 1000);
  const lines = Array.from(
    { length: calls },
    (_, i) => `!echo $$; sleep ${CALL_S}; echo call $((${i} + 1))\n`,
  );
  const { host, transport } = target;
  const console = account.ftl(
    ["console", ...fleet.flags, "-l", host, "-c", transport],
    lines.join(""),
  );
  const end = Date.now() + THOROUGH_MS;
  while (Date.now() < end) await useAll(fleet, target);
  const { code, stdout, stderr } = await console;
  assertEquals(code, 0, stdout + stderr);
  assertStringIncludes(stdout, `call ${calls}\n`);
}

for (const host of ["strict", "strict-newer"]) {
  for (const transport of ["ssh", "openssh"] as const) {
    const isSkipped = host === "strict-newer" && newerRootNeed.ignore;
    const name = `all commands work on the host ${host} with -c ${transport}`;
    if (isSkipped) {
      Deno.test({
        name: name + newerRootNeed.suffix,
        ignore: true,
        fn() {},
      });
      continue;
    }
    suite(name, async (fleet) => {
      await fleet.world.run(RULES("/etc"));
      if (!newerRootNeed.ignore) await fleet.world.run(RULES(`${ROOT}/etc`));
      const use = isThorough ? useForLong : useAll;
      await use(fleet, { host, transport });
    });
  }
}

// A hung host does not delay the others, and is named.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { freePort } from "../support/free_port.ts";
import { createAccount, NASTY, parseLines } from "../support/ftl.ts";
import { sshdNeed, startOpensshFleet } from "../support/openssh_fleet.ts";

Deno.test({
  name:
    `ftl run gives 50 good results promptly beside hosts that refuse, are silent or die${sshdNeed.suffix}`,
  ignore: sshdNeed.ignore,
  fn: async () => {
    await using account = await createAccount();
    const fleet = await startOpensshFleet({ hosts: 51 });
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    try {
      const dying = fleet.hosts[50]!;
      await Deno.writeTextFile(join(dying.home, "doomed"), "");
      const inventory = join(account.home, "bad.yml");
      await Deno.writeTextFile(
        inventory,
        `bad:
  hosts:
    refusing: {ansible_host: 127.0.1.1, ansible_port: ${freePort()}}
    silent: {ansible_host: 127.0.0.1, ansible_port: ${silent.addr.port}}
`,
      );
      const { code, stdout } = await account.ftl([
        ...["run", "kills_link", "-M", NASTY, "--format", "ndjson"],
        ...["-i", inventory, "--connect-timeout", "20s", ...fleet.flags],
      ]);

      const events = parseLines(stdout);
      const results = events.filter((event) => event.event === "result");
      assertEquals(results.length, 53);
      const bad = results.filter((result) => result.status !== "ok");
      const byHost = Object.fromEntries(
        bad.map(({ host, status, error }) => [host, { status, error }]),
      );
      assertEquals(
        Object.keys(byHost).toSorted(),
        [dying.name, "refusing", "silent"],
      );
      assert(bad.every((result) => result.status === "unreachable"));
      assertMatch(byHost["refusing"]!.error.message, /refused/i);
      assertEquals(byHost["refusing"]!.error.phase, "connect");
      assertMatch(byHost["silent"]!.error.message, /20 s/);
      assertEquals(byHost[dying.name]!.error.phase, "call");
      assertMatch(byHost[dying.name]!.error.message, /may have taken effect/);
      assertEquals(results.at(-1).host, "silent");
      assertEquals(code, 3);
    } finally {
      await fleet.stop();
    }
  },
});

// The end of processes on hosts when the controller ends first.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import {
  type Account,
  createAccount,
  eventually,
  NASTY,
  readEvents,
  untilEvent,
} from "../support/ftl.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

function fleetTest(
  name: string,
  body: (account: Account, fleet: OpensshFleet) => Promise<void>,
): void {
  Deno.test({
    name: name + sshdNeed.suffix,
    ignore: sshdNeed.ignore,
    fn: async () => {
      await using account = await createAccount();
      const fleet = await startOpensshFleet({ hosts: 3 });
      try {
        await body(account, fleet);
      } finally {
        await fleet.stop();
      }
    },
  });
}

for (const module of ["sleeps", "ignores_term", "forks_children"]) {
  fleetTest(
    `kill -9 of ftl run ${module} leaves no process on the hosts`,
    async (account, fleet) => {
      await using ftl = account.start([
        ...["run", module, "-M", NASTY, "--stream", "--format", "ndjson"],
        ...fleet.flags,
      ]);
      const started = new Set<string>();
      await untilEvent(readEvents(ftl.stdout), (event) => {
        if (event.event === "output") started.add(event.host);
        return started.size === fleet.hosts.length;
      });
      ftl.kill("SIGKILL");
      await eventually(
        `no process on the hosts after ${module}`,
        async () => (await fleet.processes()).length === 0,
      );
    },
  );
}

fleetTest(
  "^C of ftl run prints the results so far, ends remote processes and exits 130",
  async (account, fleet) => {
    await Deno.writeTextFile(join(fleet.hosts[0]!.home, "awake"), "");
    await using ftl = account.start([
      ...["run", "sleeps", "-M", NASTY, "--stream", "--format", "ndjson"],
      ...fleet.flags,
    ]);
    const events = readEvents(ftl.stdout);
    const known = new Set<string>();
    await untilEvent(events, (event) => {
      const { host } = event;
      const awake = host === fleet.hosts[0]!.name;
      if (event.event === (awake ? "result" : "output")) known.add(host);
      return known.size === fleet.hosts.length;
    });
    ftl.kill("SIGINT");
    const last = await untilEvent(events, ({ event }) => event === "run_end");
    const { ok, cancelled } = last.at(-1).summary;
    assertEquals([ok, cancelled], [1, 2]);
    assertEquals((await ftl.status).code, 130);
    assertEquals(await fleet.processes(), []);
  },
);

fleetTest(
  "a call that ignores TERM or not is ended at its deadline, and ftl exits 4",
  async (account, fleet) => {
    const { code, stdout } = await account.ftl([
      ...["run", "ignores_term", "-M", NASTY, "--timeout", "1s"],
      ...["--format", "json", ...fleet.flags],
    ]);
    assertEquals(code, 4, stdout);
    const { results } = JSON.parse(stdout);
    for (const { name } of fleet.hosts) {
      assertEquals(results[name].status, "timed_out");
      assertMatch(results[name].error?.message ?? "", /1 s/);
    }
    assertEquals(await fleet.processes(), []);
  },
);

fleetTest(
  "a pipe that nobody reads any more ends a run that has nothing more to say",
  async (account, fleet) => {
    for (const format of ["ndjson", "lines"]) {
      await using ftl = account.start([
        ...["exec", "--stream", "--format", format, ...fleet.flags, "-l"],
        ...[fleet.hosts[0]!.name, "--"],
        "echo first; sleep 0.01; echo second; exec sleep 600",
      ]);
      let text = "";
      const decoder = new TextDecoder();
      for await (const chunk of ftl.stdout) {
        text += decoder.decode(chunk, { stream: true });
        if (text.includes("first")) break; // closes the pipe, as head does
      }
      assertEquals((await ftl.status).code, 141);
      await eventually(
        "no process on the host",
        async () => (await fleet.processes()).length === 0,
      );
    }
  },
);

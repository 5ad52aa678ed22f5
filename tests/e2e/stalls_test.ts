// ^C while ftl waits for a host: ftl ends within two seconds, and results of other
// hosts are reported.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { createAccount, readEvents, untilEvent } from "../support/ftl.ts";
import { needProgram } from "../support/need.ts";
import {
  type SshServerOptions,
  startSshServer,
} from "../support/ssh_server.ts";

/** Two seconds, and time for a process to end on a busy machine. */
const END_MS = 2_500;

type Reached = () => void;
const STALLS: readonly [string, (reached: Reached) => SshServerOptions][] = [
  ["says nothing", (reached) => ({ onSocket: reached })],
  [
    "never answers an exec",
    (reached) => ({ ignoresExec: true, onReady: reached }),
  ],
  ["never says that its shell is there", (reached) => ({ run: reached })],
];

for (const [what, optionsFor] of STALLS) {
  for (const connection of ["ssh", "openssh"] as const) {
    const { ignore, suffix } = connection === "ssh"
      ? { ignore: false, suffix: "" }
      : needProgram("ssh");
    Deno.test({
      name: `^C ends ftl exec -c ${connection} on a host that ${what}${suffix}`,
      ignore,
      fn: async () => {
        await using account = await createAccount();
        const { promise: isReached, resolve } = Promise.withResolvers<void>();
        const server = await startSshServer(optionsFor(() => resolve()));
        const path = (name: string) => join(server.folder, name);
        await Deno.writeTextFile(path("known_hosts"), server.knownHosts);
        await Deno.writeTextFile(
          path("hosts.ini"),
          "here ansible_connection=local\n" +
            `stuck ansible_host=127.0.0.1 ansible_port=${server.port} ` +
            `ansible_connection=${connection}\n`,
        );
        try {
          await using ftl = account.start([
            ...["exec", "-i", path("hosts.ini"), "--format", "ndjson"],
            ...["--known-hosts", path("known_hosts"), "-u", "deploy"],
            ...["--private-key", server.identityFile],
            ...["--connect-timeout", "1m", "--", "echo", "said"],
          ]);
          const events = readEvents(ftl.stdout);
          await untilEvent(events, ({ event }) => event === "result");
          await isReached;
          const began = performance.now();
          ftl.kill("SIGINT");
          const seen = await untilEvent(
            events,
            ({ event }) => event === "run_end",
          );
          assertEquals((await ftl.status).code, 130);
          const ms = performance.now() - began;
          assert(ms < END_MS, `it took ${ms} ms`);
          const { ok, cancelled } = seen.at(-1).summary;
          assertEquals([ok, cancelled], [1, 1]);
        } finally {
          await server.stop();
        }
      },
    });
  }
}

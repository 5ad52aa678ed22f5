// Whatever a module does, its call has a clear result, and the gate runs the next
// call: each case runs a nasty module and then a good one in one session.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createAccount, NASTY, parseLines } from "../support/ftl.ts";
import { sshdNeed, startOpensshFleet } from "../support/openssh_fleet.ts";

// deno-lint-ignore no-explicit-any -- the members that a case checks
type Result = any;

interface Case {
  readonly does: string;
  readonly module: string;
  /** The exit status of the session: 0 when the module's call is ok. */
  readonly code: number;
  check(result: Result): void | Promise<void>;
}

const CASES: readonly Case[] = [
  {
    does: "prints 1 GB",
    module: "floods",
    code: 1,
    check: ({ status, stdout, error }) => {
      assertEquals(status, "failed");
      assert(stdout.length <= 32 * 1024 * 1024 + 200, `${stdout.length}`);
      assert(error !== null);
    },
  },
  {
    does: "prints invalid UTF-8",
    module: "invalid_utf8",
    code: 0,
    check: ({ status, result }) => {
      assertEquals([status, result], ["ok", { name: "caf\udce9" }]);
    },
  },
  {
    does: "prints its JSON amid noise",
    module: "noisy_json",
    code: 0,
    check: ({ status, result, stdout }) => {
      assertEquals([status, result], ["ok", { answer: 42 }]);
      assertMatch(stdout, /this is not the result/);
    },
  },
  {
    does: "prints half a JSON object",
    module: "half_json",
    code: 1,
    check: ({ status, rc, result }) => {
      assertEquals([status, rc, result], ["failed", 0, null]);
    },
  },
  {
    does: "closes its stdout",
    module: "closes_stdout",
    code: 1,
    check: ({ status, rc, result }) => {
      assertEquals([status, rc, result], ["failed", 0, null]);
    },
  },
  {
    does: "raises",
    module: "raises",
    code: 1,
    check: ({ status, rc, stderr }) => {
      assertEquals([status, rc], ["failed", 1]);
      assertMatch(stderr, /RuntimeError: The module gave up/);
    },
  },
  {
    does: "raises and is native",
    module: "raises_native",
    code: 1,
    check: ({ status, error, result }) => {
      assertEquals(status, "failed");
      assertMatch(JSON.stringify([error, result]), /The module gave up/);
    },
  },
  {
    does: "calls os._exit",
    module: "exits_hard",
    code: 1,
    check: ({ status, rc }) => assertEquals([status, rc], ["failed", 3]),
  },
  {
    does: "calls os._exit and is native",
    module: "exits_hard_native",
    code: 1,
    check: ({ status, rc }) => assertEquals([status, rc], ["failed", 3]),
  },
  {
    does: "ends by a signal",
    module: "kills_itself",
    code: 1,
    check: ({ status, rc, error }) => {
      assertEquals([status, rc], ["failed", null]);
      assertMatch(error.message, /signal|KILL/);
    },
  },
  {
    does: "starts a daemon that keeps its stdout open",
    module: "leaves_daemon",
    code: 0,
    check: ({ status, result }) => {
      assertEquals(status, "changed");
      Deno.kill(result.daemon, "SIGKILL"); // throws unless it lives
    },
  },
];

for (const { does, module, code, check } of CASES) {
  Deno.test({
    name:
      `a module that ${does} has a clear result, and the gate continues${sshdNeed.suffix}`,
    ignore: sshdNeed.ignore,
    fn: async () => {
      await using account = await createAccount();
      const fleet = await startOpensshFleet({ hosts: 1 });
      try {
        const outcome = await account.ftl([
          ...["console", "--script", "/dev/stdin", "--keep-going"],
          ...["-M", NASTY, "--format", "ndjson", ...fleet.flags],
        ], `${module}\nkills_link\n`);
        const events = parseLines(outcome.stdout);
        const [nasty, next] = events.filter((e) => e.event === "result");
        await check(nasty);
        assertEquals(next?.status, "ok");
        const opened = events.filter((event) =>
          event.event === "host_phase" && event.phase === "start"
        );
        assertEquals(opened.length, 1, "the gate was opened again");
        assertEquals(outcome.code, code, outcome.stderr);
      } finally {
        await fleet.stop();
      }
    },
  });
}

Deno.test({
  name:
    `a module that prints terminal escapes does not control the terminal${sshdNeed.suffix}`,
  ignore: sshdNeed.ignore,
  fn: async () => {
    await using account = await createAccount();
    const fleet = await startOpensshFleet({ hosts: 1 });
    try {
      const { code, stdout, stderr } = await account.ftl([
        ...["run", "terminal_escapes", "-M", NASTY, ...fleet.flags],
      ]);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /all good/);
      // deno-lint-ignore no-control-regex -- control characters are the subject
      assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.exec(stdout + stderr), null);
    } finally {
      await fleet.stop();
    }
  },
});

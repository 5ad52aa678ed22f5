// Modules of every kind except Ansible's, each run by one command.
import { assertEquals, assertObjectMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount, MODULES } from "../support/ftl.ts";
import { findProgram } from "../support/need.ts";
import { sshdNeed, startOpensshFleet } from "../support/openssh_fleet.ts";

interface Case {
  readonly argv: readonly string[];
  readonly status: string;
  /** Members of the result; there may be more. */
  readonly result: Record<string, unknown>;
}

const CASES: readonly Case[] = [
  {
    argv: ["run", "argtest", "name=web 1", "size:=3"],
    status: "ok",
    result: { args: { name: "web 1", size: 3 } },
  },
  {
    argv: ["run", "oldstyle", "name=it's", "path=/a b"],
    status: "ok",
    result: { args: { name: "it's", path: "/a b" } },
  },
  {
    argv: ["run", "greet", "name=you", "why=because"],
    status: "ok",
    result: { greeting: "Hello, you", more: { why: "because" } },
  },
  {
    argv: ["-f", "greet", "-a", "name='you two'"],
    status: "ok",
    result: { greeting: "Hello, you two" },
  },
  { argv: ["run", "shellscript"], status: "changed", result: {} },
  {
    argv: ["run", "program", "a=1"],
    status: "ok",
    result: { a: "1" },
  },
  {
    argv: ["run", "fails"],
    status: "failed",
    result: { msg: "The disk is on fire" },
  },
];

for (const { argv, status, result } of CASES) {
  Deno.test({
    name: `ftl ${argv.join(" ")}${sshdNeed.suffix}`,
    ignore: sshdNeed.ignore,
    fn: async () => {
      await using account = await createAccount();
      const fleet = await startOpensshFleet({ hosts: 1 });
      try {
        // A binary module: prints the file of its arguments, which is JSON.
        const binaries = join(account.home, "binaries");
        await Deno.mkdir(binaries);
        await Deno.copyFile(findProgram("cat")!, join(binaries, "program"));
        const { code, stdout, stderr } = await account.ftl([
          ...argv,
          ...["-M", MODULES, "-M", binaries, "--format", "json"],
          ...fleet.flags,
        ]);
        assertEquals(code, status === "failed" ? 1 : 0, stdout + stderr);
        const found = JSON.parse(stdout).results["h01"];
        assertEquals(found.status, status);
        assertObjectMatch(found.result, result);
      } finally {
        await fleet.stop();
      }
    },
  });
}

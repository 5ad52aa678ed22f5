// The fleet is what hosts.ts says, by the word of OpenSSH's own client.
import { assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { cablesToUs } from "./networks.ts";
import { newerRootNeed } from "../root_tree.ts";
import { startTestFleet, testFleetNeed } from "./fleet.ts";

const EXPECTED: Readonly<Record<string, string>> = {
  plain: "deploy",
  unknown: "Host key verification failed",
  changed: "REMOTE HOST IDENTIFICATION HAS CHANGED",
  revoked: "REVOKED HOST KEY DETECTED",
  signed: "deploy",
  missigned: "Host key verification failed",
  password: "ada@.*: Permission denied \\(password\\)",
  questions: "ada@.*: Permission denied \\(keyboard-interactive\\)",
  accounts: "deploy",
  closed: "deploy",
  "via-closed": "open failed: administratively prohibited",
  single: "deploy",
  strange: "deploy",
  strict: "deploy",
  ...newerRootNeed.ignore
    ? {}
    : { newer: "deploy", banning: "deploy", "strict-newer": "deploy" },
  far: "deploy",
  bastion: "deploy",
  inner01: "deploy",
  inner40: "deploy",
  second: "deploy",
  deep: "deploy",
  "10.77.1.1": "Network is unreachable", // asked in a network of its own
};

Deno.test({
  name:
    `the test fleet is as described to OpenSSH's own client${testFleetNeed.suffix}`,
  ignore: testFleetNeed.ignore,
  fn: async () => {
    const fleet = await startTestFleet();
    try {
      await Promise.all(
        Object.entries(EXPECTED).map(async ([host, expected]) => {
          const [program = "", ...args] = [
            ...(/^\d/.test(host) ? fleet.world.wrapper("front") : []),
            ...["ssh", "-F", fleet.sshConfig, "-o", "BatchMode=yes"],
            ...[host, "echo $USER"],
          ];
          const { stdout, stderr } = await new Deno.Command(program, {
            args,
            stdin: "null",
          }).output();
          const said = await new Blob([stdout, stderr]).text();
          assertMatch(said, new RegExp(expected), host);
        }),
      );
      assertStringIncludes(fleet.server("inner01").log(), "Accepted publickey");
    } finally {
      await fleet[Symbol.asyncDispose]();
    }
    await assertRejects(() => Deno.stat(fleet.folder), Deno.errors.NotFound);
    const prefix = fleet.blackHole.replace(/\.\d+$/, "");
    for (const device of Object.values(cablesToUs(prefix))) {
      await assertRejects(() => Deno.stat(`/sys/class/net/${device}`));
    }
  },
});

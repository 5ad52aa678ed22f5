import { assertEquals } from "@std/assert";
import {
  type Report,
  reportJson,
  reportText,
} from "../../../../src/cli/commands/doctor/doctor_report.ts";
import { checkVariables } from "../../../../src/cli/commands/doctor/variables.ts";
import { VERSION } from "../../../../src/cli/process/version.ts";

const REPORT: Report = {
  checks: [
    { name: "ftl", verdict: "ok", found: "1.0", details: ["more"] },
    {
      name: "known_hosts",
      verdict: "warn",
      found: "No host key is known",
      remedy: "Bring their keys",
      details: ["a", "b"],
    },
  ],
  hosts: [{
    host: "web1",
    isReached: true,
    checks: [
      { name: "name", verdict: "ok", found: "It is known", ms: 3 },
      { name: "login", verdict: "fail", found: "Refused\x1b[2J" },
    ],
  }],
};

Deno.test("reportText() shows problems with all details, and escapes text of hosts", () => {
  assertEquals(
    reportText(REPORT, { color: false, verbose: false }),
    `ok    ftl          1.0
warn  known_hosts  No host key is known
                   Bring their keys
                   - a
                   - b

web1
  ok    name   It is known (3 ms)
  fail  login  Refused\\x1b[2J

2 ok, 1 warning, 1 failed
`,
  );
});

Deno.test("reportJson() is one document", () => {
  const { ftl, checks, hosts, summary } = JSON.parse(reportJson(REPORT));
  assertEquals(ftl, VERSION);
  assertEquals(checks, REPORT.checks);
  assertEquals(hosts[0].verdict, "fail");
  assertEquals(summary, { ok: 2, warn: 1, fail: 1 });
});

Deno.test("checkVariables() suggests a correction for a mistyped variable", () => {
  const known = ["FTL_INVENTORY", "FTL_USER"];
  assertEquals(checkVariables(known, ["FTL_BECOME"]).verdict, "ok");
  assertEquals(checkVariables(known, ["FTL_USER", "HOME"]).verdict, "ok");
  assertEquals(checkVariables(known, ["FTL_INVENTROY"]), {
    name: "variables",
    verdict: "warn",
    found: "Unknown: FTL_INVENTROY",
    remedy: "Did you mean FTL_INVENTORY?",
  });
});

import { assertEquals, assertMatch } from "@std/assert";
import {
  claimOf,
  readJournal,
  type Report,
  untruthOf,
} from "../../../scripts/chaos/journal.ts";

function report(changes: Partial<Report>): Report {
  return {
    ...{ id: "c1", host: "h01", kind: "exec", status: "ok", error: "" },
    ...changes,
  };
}

Deno.test("readJournal() counts how often each call began and ended", () => {
  const calls = readJournal("begin c1\nbegin c2\nend c1\nbegin c1\n");
  assertEquals(calls.get("c1"), { begun: 2, ended: 1 });
  assertEquals(calls.get("c2"), { begun: 1, ended: 0 });
  assertEquals(calls.get("c3"), undefined);
});

const CLAIMS: [status: string, error: string, claim: string][] = [
  ["ok", "", "once"],
  ["changed", "", "once"],
  ["failed", "The module was killed by signal 9", "at most once"],
  ["timed_out", "It was ended after 1 s", "at most once"],
  ["cancelled", "The run was cancelled", "at most once"],
  ["cancelled", "The run was cancelled before the call began", "never"],
  ["cancelled", "The call was not started: too many failed", "never"],
  ["unreachable", "Cannot reach h01: nobody answers", "never"],
  ["unreachable", "Lost it; the call may have taken effect", "at most once"],
  ["unreachable", "It was sent and may still take effect", "at most once"],
];

for (const [status, error, claim] of CLAIMS) {
  Deno.test(`claimOf() says ${claim} for ${status}: ${error}`, () => {
    assertEquals(claimOf(report({ status, error })), claim);
  });
}

Deno.test("untruthOf() finds calls that ran too often, not at all, or only began", () => {
  const ran = (begun: number, ended: number) => ({ begun, ended });
  assertEquals(untruthOf(report({}), ran(1, 1)), undefined);
  for (const noted of [undefined, ran(0, 0), ran(1, 0), ran(2, 2)]) {
    assertMatch(
      untruthOf(report({}), noted)!,
      /c1 on h01 is ok, which means once/,
    );
  }
  const lost = report({
    status: "unreachable",
    error: "the call may have taken effect",
  });
  assertEquals(untruthOf(lost, ran(1, 0)), undefined);
  assertMatch(untruthOf(lost, ran(2, 1))!, /at most once/);
  const early = report({ status: "unreachable", error: "Cannot reach h01" });
  assertEquals(untruthOf(early), undefined);
  assertMatch(untruthOf(early, ran(1, 0))!, /means never/);
});

Deno.test("untruthOf() finds a result that belongs to another call", () => {
  const noted = { begun: 1, ended: 1 };
  assertEquals(untruthOf(report({ named: "c1" }), noted), undefined);
  assertMatch(untruthOf(report({ named: "c2" }), noted)!, /that of c2/);
});

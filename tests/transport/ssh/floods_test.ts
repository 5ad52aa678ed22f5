// Hosts that send without end what nobody asked for, beside fifty good hosts in
// one run: the good ones notice nothing, and each of the others is told why.
import { assert, assertEquals, assertLess } from "@std/assert";
import { ATTACKS, OUTPUTS } from "../../support/flood_attacks.ts";
import { runBeside } from "../../support/flood_lab.ts";

/** What is said of attacks that are more than useless. */
const REASONS: Readonly<Record<string, string>> = {
  "large packets": "it sent 34000 bytes in one packet, more than 32768",
  "a window beyond all bounds": "it opened a window larger than SSH allows",
};
const USELESS = "it sent too many unsolicited messages";

Deno.test("hosts that flood are ended by name, and no other host notices", async () => {
  const outcome = await runBeside(Object.keys(ATTACKS));
  assertEquals(outcome.good.filter(({ status }) => status !== "ok"), []);
  for (const [attack, { status, error }] of outcome.attackers) {
    assertEquals(status, "unreachable", attack);
    const message = error?.message ?? "";
    assert(
      message.includes(REASONS[attack] ?? USELESS),
      `${attack}: ${message}`,
    );
  }
  assertLess(outcome.longestMs, 1_000);
  assertLess(outcome.grown, 250 * 1024 * 1024);
});

Deno.test("hosts that print without end pass their deadline, and no other host notices", async () => {
  const outcome = await runBeside(Object.keys(OUTPUTS), {
    timeoutMs: 15_000, // the good ones need 2 s
    stream: true,
  });
  assertEquals(outcome.good.filter(({ status }) => status !== "ok"), []);
  for (const [attack, { status }] of outcome.attackers) {
    assertEquals(status, "timed_out", attack);
  }
  assertLess(outcome.longestMs, 1_000);
  assertLess(outcome.grown, 400 * 1024 * 1024);
});

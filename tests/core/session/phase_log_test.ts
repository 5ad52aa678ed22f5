import { assert, assertEquals } from "@std/assert";
import {
  type PhaseData,
  PhaseLog,
} from "../../../src/core/session/phase_log.ts";

Deno.test("phases wait for the next message about their host", () => {
  const log = new PhaseLog(() => {});
  log.add(1, "connect");
  log.add(2, "connect");
  log.add(1, "auth");
  log.add(1, undefined);
  const { phases } = log.take(1);
  assertEquals(phases?.map(([phase]) => phase), ["connect", "auth", null]);
  for (const [, agoMs] of phases!) assert(agoMs >= 0 && agoMs < 10_000);
  assertEquals(log.take(1), {});
  assertEquals(log.take(2).phases?.length, 1);
});

Deno.test("a phase is told by itself when nothing else is said of its host", async () => {
  const told = Promise.withResolvers<[number, PhaseData]>();
  const log = new PhaseLog((host, data) => told.resolve([host, data]));
  log.add(7, "auth");
  const [host, { phases }] = await told.promise;
  assertEquals([host, phases?.[0]?.[0]], [7, "auth"]);
  assertEquals(log.take(7), {});
});

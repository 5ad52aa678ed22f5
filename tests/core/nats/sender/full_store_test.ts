// Results that are larger than a message, when the object store has no room for them.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { RunEvent } from "../../../../src/core/call/run_event.ts";
import type { JsonObject } from "../../../../src/protocol/message.ts";
import { BUCKET } from "../../../../src/core/nats/server/nats_subjects.ts";
import { collect } from "../../../../src/core/run/run.ts";
import { testNatsHosts as test } from "../../../support/nats_hosts.ts";

test(
  "a host tells its status and what it printed when its result is too large to store",
  {
    hosts: 2,
  },
  async (hosts) => {
    const { admin, bucket } = await hosts.lab.link();
    await bucket(BUCKET, { ttlMs: 60_000 });
    await admin.streams.update(`OBJ_${BUCKET}`, { max_bytes: 1_000 });
    const worker = await hosts.worker();
    const engine = await hosts.engine();
    const command = ["head -c 1000000 /dev/zero | tr '\\0' x; exit 3"];
    const printed = new Map<string, number>();
    const events = async function* (): AsyncGenerator<RunEvent> {
      for await (
        const event of engine.run({ call: { command, stream: true } })
      ) {
        yield event;
        if (event.event !== "output") continue;
        const before = printed.get(event.host) ?? 0;
        printed.set(event.host, before + event.text.length);
      }
    };
    const { results } = await collect(events());
    assertEquals([...printed].toSorted(), [["h0", 1_000_000], [
      "h1",
      1_000_000,
    ]]);
    for (const host of ["h0", "h1"]) {
      const { status, rc, result } = results.get(host)!;
      assertEquals([status, rc], ["failed", 3]);
      const { stdout, warnings } = result as JsonObject;
      assertMatch(
        String(stdout),
        /^x{1000,}\n\[\d+ bytes more were left out\]/,
      );
      assertStringIncludes(String(warnings), "A part was left out: Cannot put");
    }
    assertEquals(worker.notes.length, 1);
    assertStringIncludes(worker.notes[0]!, "NATS: Cannot put");
  },
);

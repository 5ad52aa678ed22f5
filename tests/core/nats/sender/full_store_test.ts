// Results that are larger than a message, and files, when the object store has no room
// for them, or does not answer.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
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
    // Results of other durations may differ in size, which a note names.
    const notes = new Set(
      worker.notes.map((note) => note.replace(/\d+/g, "N")),
    );
    assertEquals(notes.size, 1);
    assertStringIncludes([...notes][0]!, "NATS: Cannot put");
  },
);

test(
  "a worker that is stopped while the object store does not answer reports its hosts",
  {
    hosts: 2,
  },
  async (hosts) => {
    const { admin, bucket, connection } = await hosts.lab.link();
    await bucket(BUCKET, { ttlMs: 60_000 });
    await admin.streams.update(`OBJ_${BUCKET}`, { no_ack: true });
    const worker = await hosts.worker();
    const engine = await hosts.engine(await hosts.lab.sealing(worker));
    const begun = Promise.withResolvers<void>();
    const objects = new Set<string>();
    connection.subscribe(`$O.${BUCKET}.C.>`, {
      callback: (_, { subject }) => {
        if (objects.add(subject).size === 2) begun.resolve();
      },
    });
    const src = join(hosts.folder, "large");
    await Deno.writeFile(src, crypto.getRandomValues(new Uint8Array(50_000)));
    const command = ["head -c 1000000 /dev/zero | tr '\\0' x"];
    const fetch = { src, dest: join(hosts.folder, "back") };
    const runs = Promise.all([
      collect(engine.run({ call: { command }, hosts: ["h0"] })),
      collect(engine.run({ call: { fetch }, hosts: ["h1"] })),
    ]);
    await begun.promise;
    await worker.stop();
    const [printed, fetched] = await runs;
    const { status, rc, result } = printed.results.get("h0")!;
    assertEquals([status, rc], ["ok", 0]);
    const { warnings } = result as JsonObject;
    assertStringIncludes(
      String(warnings),
      "A part was left out: the worker was",
    );
    const { message } = fetched.results.get("h1")!.error!;
    assertStringIncludes(
      message,
      "Cannot send the files of h1: the worker was",
    );
  },
);

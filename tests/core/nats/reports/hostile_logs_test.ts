// Logs into which anybody may write who may publish on the NATS server: no host begins
// twice, whatever they do.
import { assertEquals, assertRejects } from "@std/assert";
import { joinBytes } from "../../../../src/join_bytes.ts";
import { readNote } from "../../../../src/core/nats/messages/log_entry.ts";
import { BegunElsewhere } from "../../../../src/core/nats/reports/lost_host.ts";
import { encodeNats } from "../../../../src/core/nats/server/encode_nats.ts";
import { linkOf, reportsTest as test } from "../../../support/reports_lab.ts";

/** An entry that says nothing, without a body. */
function forged(entry: string): Uint8Array {
  const note = encodeNats({ id: "z", entry, begin: [], done: [] });
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, note.length);
  return joinBytes([length, note]);
}

test("an entry with the id of another one does not pass for it", async (lab) => {
  const { link, subject, worker } = lab;
  let isForged = false;
  const own = worker("1", {
    link: linkOf(link, async (to, payload, options) => {
      if (!isForged) {
        isForged = true;
        // Another client sees it, and is faster.
        const { entry } = readNote(payload as Uint8Array);
        const msgID = options?.msgID ?? entry;
        await link.stream.publish(subject, forged(entry), { msgID });
      }
      return await link.stream.publish(to, payload, options);
    }),
  });
  await own.begin(0);
  await assertRejects(() => worker("2").begin(0), BegunElsewhere);
});

test("a copy of an entry that was not stored begins no host twice", async (lab) => {
  const { link, subject, worker } = lab;
  const other = worker("2");
  let copy: Uint8Array | undefined;
  const late = worker("1", {
    link: linkOf(link, async (to, payload, options) => {
      if (copy !== undefined) {
        return await link.stream.publish(to, payload, options);
      }
      copy = payload as Uint8Array;
      await other.begin(0);
      try {
        return await link.stream.publish(to, payload, options);
      } finally {
        await link.stream.publish(subject, copy);
      }
    }),
  });
  await assertRejects(() => late.begin(0), BegunElsewhere);
});

test("an entry whose answer was lost is stored once, and counts", async (lab) => {
  const { link, worker } = lab;
  let sent = 0;
  const own = worker("1", {
    link: linkOf(link, async (...message) => {
      const answer = await link.stream.publish(...message);
      if (sent++ === 0) throw new Error("The answer was lost");
      return answer;
    }),
  });
  await own.begin(0);
  await own.begin(1);
  const begun = (await lab.entries()).map(({ begin }) => begin);
  assertEquals(begun, [[0], [1]]);
  await assertRejects(() => worker("2").begin(0), BegunElsewhere);
});

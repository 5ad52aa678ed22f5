import { assertEquals } from "@std/assert";
import {
  CALLS,
  makeQueue,
  makeStreams,
  SUBJECTS,
} from "../../../../src/core/nats/server/nats_subjects.ts";
import type { NatsLink } from "../../../../src/core/nats/server/nats_link.ts";
import { QueueRepair } from "../../../../src/core/nats/server/queue_repair.ts";
import { NatsLab } from "../../../support/nats_lab.ts";
import { natsNeed } from "../../../support/nats_server.ts";

/** Registers a test of a queue, which may hold two calls. */
function test(
  name: string,
  fn: (lab: Awaited<ReturnType<typeof openLab>>) => Promise<void>,
): void {
  Deno.test({
    name: name + natsNeed.suffix,
    ignore: natsNeed.ignore,
    fn: async () => {
      await using lab = await NatsLab.start();
      await fn(await openLab(lab));
    },
  });
}

async function openLab(lab: NatsLab) {
  const link = await lab.link();
  await makeStreams(link);
  const { name } = await makeQueue(link, "oslo");
  await link.admin.consumers.update(CALLS, name, { max_ack_pending: 2 });
  const queue = { name, site: "oslo" };
  const repair = new QueueRepair(link, queue, { pauseMs: 0 });
  const consumer = await link.stream.consumers.get(CALLS, name);
  return {
    ...{ link, queue },
    look: (isIdle = true) => repair.look({ isIdle }),
    send: async (chunk: number) => {
      const subject = SUBJECTS.calls("oslo", "r", chunk);
      await link.stream.publish(subject, new Uint8Array(1));
    },
    take: () => consumer.next({ expires: 1_000 }),
    info: () => link.admin.consumers.info(CALLS, name),
  };
}

test("a queue whose calls wait or are with workers is left alone", async (lab) => {
  const { created } = await lab.info();
  for (let i = 0; i < 2; i++) assertEquals(await lab.look(), false);
  for (const chunk of [1, 2, 3]) await lab.send(chunk);
  await lab.take();
  await lab.take(); // the third one waits until one of them is done
  for (let i = 0; i < 2; i++) assertEquals(await lab.look(), false);
  assertEquals((await lab.info()).created, created);
});

test("a queue that holds calls which are gone is made again, with its settings", async (lab) => {
  await lab.send(1);
  await lab.take(); // by a worker that is killed
  const filter = SUBJECTS.allCallsOf("r");
  await lab.link.admin.streams.purge(CALLS, { filter }); // its sender takes it back
  assertEquals(await lab.look(), false);
  assertEquals(await lab.look(), true);
  const { num_ack_pending, config } = await lab.info();
  assertEquals([num_ack_pending, config.max_ack_pending], [0, 2]);
  for (let i = 0; i < 2; i++) assertEquals(await lab.look(), false);
});

test("a queue that gives calls in between is not made again", async (lab) => {
  await lab.send(1);
  assertEquals(await lab.look(), false); // it was just sent
  await lab.take();
  await lab.send(2);
  assertEquals(await lab.look(), false);
  assertEquals(await lab.look(), true); // nobody gets it
  // All calls that are stored are given again.
  const given = [await lab.take(), await lab.take()];
  assertEquals(given.map((each) => each?.seq), [1, 2]);
});

test("a queue that counts a stored call as done is made again, although it gives others", async (lab) => {
  for (const chunk of [1, 2]) await lab.send(chunk);
  await lab.take();
  for (let i = 0; i < 2; i++) assertEquals(await lab.look(false), false);
  const repair = new QueueRepair(countingAsDone(lab.link, 1), lab.queue, {
    pauseMs: 0,
  });
  assertEquals(await repair.look({ isIdle: false }), false);
  assertEquals(await repair.look({ isIdle: false }), true);
  assertEquals((await lab.take())?.seq, 1);
});

/** A link to a server whose queues count calls as done that it has kept. */
function countingAsDone(link: NatsLink, seq: number): NatsLink {
  const { admin } = link;
  const info: typeof admin.consumers.info = async (...args) => {
    const found = await admin.consumers.info(...args);
    return { ...found, ack_floor: { ...found.ack_floor, stream_seq: seq } };
  };
  const consumers = Object.assign(Object.create(admin.consumers), { info });
  return {
    ...link,
    admin: Object.assign(Object.create(admin), { consumers }),
  };
}

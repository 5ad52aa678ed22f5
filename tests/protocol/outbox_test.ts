import { assertEquals, assertThrows } from "@std/assert";
import { decodeBody } from "../../src/protocol/body.ts";
import { FrameDecoder } from "../../src/protocol/frame.ts";
import type { Message } from "../../src/protocol/message.ts";
import { Outbox } from "../../src/protocol/outbox.ts";

const LARGE = "x".repeat(1024 * 1024);

/** An outbox whose link takes frames only when the test says so. */
class SlowLink {
  /** Types and ids of what was written, in order. */
  readonly written: string[] = [];
  readonly failures: unknown[] = [];
  #taken: (() => void)[] = [];
  readonly outbox = new Outbox((bytes) => {
    for (const body of new FrameDecoder().push(bytes)) {
      const { type, id } = decodeBody(body);
      this.written.push(`${type} ${id}`);
    }
    return new Promise((resolve) => void this.#taken.push(resolve));
  }, (error) => this.failures.push(error));

  /** Takes the frames that were written. */
  async take(): Promise<void> {
    for (const resolve of this.#taken.splice(0)) resolve();
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  }

  /** Takes all that is left. */
  async drain(): Promise<void> {
    let before = -1;
    while (before < this.written.length) {
      before = this.written.length;
      await this.take();
    }
  }
}

function message(type: string, id: number, text = ""): Message {
  return [type, { text }, id];
}

Deno.test("send() writes a small message before it returns", () => {
  const link = new SlowLink();
  link.outbox.send(message("Call", 1));
  link.outbox.send(message("Call", 2));
  assertEquals(link.written, ["Call 1", "Call 2"]);
});

Deno.test("send() holds the next part of a large message until the link can take it", async () => {
  const link = new SlowLink();
  link.outbox.send(message("Pack", 1, LARGE));
  assertEquals(link.written.length, 1);
  await link.take();
  assertEquals(link.written, ["Data 1", "Data 1"]);
});

Deno.test("send() keeps the order after a large message: a call never overtakes its pack", async () => {
  const link = new SlowLink();
  link.outbox.send(message("Pack", 1, LARGE));
  link.outbox.send(message("Call", 2));
  link.outbox.send(message("Pack", 3, LARGE));
  link.outbox.send(message("Call", 4));
  await link.drain();
  const runs = link.written.filter((each, at) => each !== link.written[at - 1]);
  assertEquals(runs, ["Data 1", "Call 2", "Data 3", "Call 4"]);
});

Deno.test("sendUrgent() overtakes a large message between two of its parts", async () => {
  const link = new SlowLink();
  link.outbox.send(message("Pack", 2, LARGE));
  link.outbox.sendUrgent(message("Ping", 3));
  link.outbox.sendUrgent(message("Cancel", 1));
  await link.take();
  assertEquals(link.written, ["Data 2", "Ping 3", "Cancel 1", "Data 2"]);
});

Deno.test("sendUrgent() never overtakes the message with its id", async () => {
  const link = new SlowLink();
  link.outbox.send(message("Call", 1, LARGE));
  link.outbox.send(message("Call", 2));
  link.outbox.send(message("Call", 3));
  link.outbox.sendUrgent(message("Cancel", 1));
  link.outbox.sendUrgent(message("Cancel", 2));
  await link.drain();
  assertEquals(link.written.slice(-5), [
    "Data 1",
    "Cancel 1",
    "Call 2",
    "Cancel 2",
    "Call 3",
  ]);
});

Deno.test("clear() drops the rest of a large message and everything after it", async () => {
  const link = new SlowLink();
  link.outbox.send(message("Pack", 1, LARGE));
  link.outbox.send(message("Call", 2));
  link.outbox.clear();
  await link.drain();
  assertEquals(link.written, ["Data 1"]);
});

Deno.test("send() refuses a message over 64 MiB and writes nothing of it", () => {
  const link = new SlowLink();
  assertThrows(
    () => link.outbox.send(message("Pack", 1, "x".repeat(64 * 1024 * 1024))),
    RangeError,
    "Cannot send a Pack: it has 67108886 bytes, more than 67108864",
  );
  assertEquals(link.written, []);
});

Deno.test("onFailure receives the error of a link that throws or rejects", async () => {
  const failures: string[] = [];
  const onFailure = (error: unknown) => {
    if (error instanceof Error) failures.push(error.message);
  };
  new Outbox(() => {
    throw new Error("thrown");
  }, onFailure).send(message("Ping", 1));
  new Outbox(() => Promise.reject(new Error("rejected")), onFailure).send(
    message("Ping", 1),
  );
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(failures, ["thrown", "rejected"]);
});

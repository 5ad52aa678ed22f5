// How messages share writes, and when there is room for more.
import { assert, assertEquals } from "@std/assert";
import type { ByteCarrier } from "../../../src/core/session/byte_carrier.ts";
import { MessageSocket } from "../../../src/core/session/message_socket.ts";

/** A carrier whose writes wait until they are let through. */
class Pipe implements ByteCarrier {
  readonly writes: string[] = [];
  #waiting: (() => void)[] = [];
  isStopped = false;

  read(): Promise<Uint8Array | undefined> {
    return Promise.resolve(undefined);
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.isStopped) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.writes.push(new TextDecoder().decode(bytes));
    return bytes.length;
  }

  go(): void {
    this.isStopped = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  close(): void {}

  /** How many messages each write had. */
  get counts(): number[] {
    return this.writes.map((text) => text.split('["M",').length - 1);
  }
}

function say(socket: MessageSocket, count: number): void {
  for (let i = 0; i < count; i++) socket.send("M", { i });
}

Deno.test("messages of one turn are one write, and the next ones another", async () => {
  const pipe = new Pipe();
  const socket = new MessageSocket(pipe);
  say(socket, 3);
  await socket.flushed();
  say(socket, 2);
  await socket.flushed();
  assertEquals(pipe.counts, [3, 2]);
});

Deno.test("messages after a write wait for others where that is asked for", async () => {
  const pipe = new Pipe();
  const socket = new MessageSocket(pipe, { gatherMs: 20 });
  say(socket, 1);
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(pipe.counts, [1]);
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => queueMicrotask(() => resolve(null)));
    say(socket, 1);
  }
  assertEquals(pipe.counts, [1]);
  await socket.flushed();
  assertEquals(pipe.counts, [1, 3]);
});

Deno.test("many bytes do not wait for others", async () => {
  const pipe = new Pipe();
  const socket = new MessageSocket(pipe, { gatherMs: 2 ** 30 });
  say(socket, 1);
  await Promise.resolve();
  await Promise.resolve();
  socket.send("M", { text: "x".repeat(100_000) });
  while (pipe.writes.length < 2) await new Promise((done) => setTimeout(done));
  socket.close();
});

Deno.test("there is room until megabytes wait, and again when they are written", async () => {
  const pipe = new Pipe();
  pipe.isStopped = true;
  const socket = new MessageSocket(pipe);
  const text = "x".repeat(500_000);
  while (socket.room() === undefined) socket.send("M", { text });
  assert(socket.unread >= 4 * 1024 * 1024 && socket.unread < 6 * 1024 * 1024);
  const { length } = pipe.writes;
  const room = socket.room();
  pipe.go();
  await room;
  assert(pipe.writes.length > length);
  assertEquals(socket.room(), undefined);
});

Deno.test("a closed socket holds nobody up", async () => {
  const pipe = new Pipe();
  pipe.isStopped = true;
  const socket = new MessageSocket(pipe);
  while (socket.room() === undefined) {
    socket.send("M", { text: "x".repeat(500_000) });
  }
  const room = socket.room();
  socket.close();
  await room;
  assertEquals(socket.room(), undefined);
  pipe.go();
});

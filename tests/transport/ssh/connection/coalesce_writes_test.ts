import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { coalesceWrites } from "../../../../src/transport/ssh/connection/coalesce_writes.ts";

function recorder(): { stream: Duplex; sent: string[] } {
  const sent: string[] = [];
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Uint8Array, _, done) => {
      sent.push(String(chunk));
      done();
    },
    writev: (chunks: { chunk: Uint8Array }[], done) => {
      sent.push(Buffer.concat(chunks.map(({ chunk }) => chunk)).toString());
      done();
    },
  });
  return { stream: coalesceWrites(stream), sent };
}

Deno.test("writes of one turn are sent as one, in order", async () => {
  const { stream, sent } = recorder();
  for (const text of ["len", "payload", "mac"]) stream.write(text);
  assertEquals(sent, []);
  await Promise.resolve();
  stream.write("next");
  await Promise.resolve();
  assertEquals(sent, ["lenpayloadmac", "next"]);
});

Deno.test("data that is written before the end is sent", async () => {
  const { stream, sent } = recorder();
  stream.write("farewell");
  stream.end();
  const ended = Promise.withResolvers<void>();
  stream.once("finish", () => ended.resolve());
  await ended.promise;
  assertEquals(sent, ["farewell"]);
});

Deno.test("writers are told when there is room again", async () => {
  const { stream } = recorder();
  assertEquals(stream.write(new Uint8Array(1_000_000)), false);
  const drained = Promise.withResolvers<void>();
  stream.once("drain", () => drained.resolve());
  await drained.promise;
  assertEquals(stream.writableLength, 0);
});

import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  forgetExchange,
  shareOffer,
  shrinkListeners,
} from "../../../../src/transport/ssh/library/spare_memory.ts";
import type { Ssh2Protocol } from "../../../../src/transport/ssh/library/ssh2_internals.ts";

function offering(text: string): Ssh2Protocol {
  const protocol: Partial<Ssh2Protocol> = {
    _offer: { lists: { all: Buffer.from(text) } },
  };
  return protocol as Ssh2Protocol;
}

Deno.test("connections that offer the same algorithms share the offer", () => {
  const [first, same, other] = ["a,b", "a,b", "a,c"].map(offering);
  const kept = other!._offer;
  for (const protocol of [first, same, other]) shareOffer(protocol!);
  assertStrictEquals(same!._offer, first!._offer);
  assertStrictEquals(other!._offer, kept);
});

Deno.test("after an exchange its keys are gone, and the host's line stays", () => {
  const chunk = Buffer.from("SSH-2.0-x\r\nmore that came with it");
  const exchange = { _keys: {} };
  const protocol = {
    _kex: exchange,
    _remoteIdentRaw: chunk.subarray(0, 9),
  } as unknown as Ssh2Protocol;
  forgetExchange(protocol);
  assertEquals(exchange._keys, null as unknown as object);
  const line = protocol._remoteIdentRaw!;
  assertEquals(new TextDecoder().decode(line), "SSH-2.0-x");
  assertEquals(line.buffer.byteLength, 9);
});

Deno.test("after an exchange the buffers of a connection are one, with the same bytes", () => {
  const pool = Buffer.from("0123456789abcdef0123456789abcdef");
  const cipher = { key: pool.subarray(2, 6), count: 3 };
  const decipher = {
    key: pool.subarray(10, 14),
    _mac: Buffer.alloc(16, 7),
    _calcMac: Buffer.alloc(16),
    _packet: null,
  };
  const protocol = { _cipher: cipher, _decipher: decipher };
  forgetExchange(protocol as unknown as Ssh2Protocol);
  assertEquals([`${cipher.key}`, `${decipher.key}`], ["2345", "abcd"]);
  assertEquals(decipher._mac, Buffer.alloc(16, 7));
  assertStrictEquals(cipher.key.buffer, decipher._mac.buffer);
  assertEquals(cipher.key.buffer.byteLength, 24);
  assertEquals([cipher.count, decipher._packet], [3, null]);
});

Deno.test("an emitter works as before with its listeners in a small object", () => {
  const emitter = new EventEmitter();
  const seen: string[] = [];
  const listener = (text: string) => seen.push(text);
  emitter.on("data", listener);
  emitter.once("end", () => seen.push("end"));
  shrinkListeners(emitter);
  emitter.emit("data", "a");
  emitter.emit("end");
  emitter.emit("end");
  emitter.emit("constructor");
  emitter.on("later", listener);
  emitter.emit("later", "b");
  emitter.off("data", listener);
  emitter.emit("data", "c");
  assertEquals(seen, ["a", "end", "b"]);
  assertEquals(emitter.eventNames(), ["later"]);
});

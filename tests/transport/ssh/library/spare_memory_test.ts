import { Buffer } from "node:buffer";
import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  forgetExchange,
  shareOffer,
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

// Floods on the multiplexing socket of an `ssh` process, which hands them on.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { MuxConnection } from "../../../src/transport/openssh/mux_connection.ts";
import type { Master } from "../../../src/transport/openssh/master.ts";
import {
  encodeMessage,
  type Field,
  MESSAGE,
} from "../../../src/transport/openssh/mux_packet.ts";

const signal = new AbortController().signal;
const { request, data, windowAdjust, extendedData, eof } = MESSAGE;

/** A connection on which a command runs and then `more` comes, again and again. */
function flooded(more: () => [type: number, ...fields: Field[]]) {
  const ended = Promise.withResolvers<void>();
  const master = {
    end: () => ended.resolve(),
    ended: ended.promise,
    lastWords: "",
  } as unknown as Master;
  const socket = {
    write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
    close: () => {},
  } as unknown as Deno.Conn;
  async function* bodies() {
    const body = (...message: [number, ...Field[]]) =>
      encodeMessage(...message).subarray(4);
    await Promise.resolve();
    yield body(MESSAGE.channelOpenConfirmation, 0, 7, 1_000, 32_768);
    yield body(MESSAGE.success, 0);
    for (let i = 0; i < 1_000_000; i++) yield body(...more());
  }
  return new MuxConnection("web1", master, socket, bodies());
}

const USELESS = "it sent too many unsolicited messages";
const FLOODS: [string, () => [number, ...Field[]], string][] = [
  ["global requests", () => [80, "keepalive@openssh.com", true], USELESS],
  ["channel requests", () => [request, 0, "x", true], USELESS],
  ["empty data", () => [data, 0, ""], USELESS],
  ["data of an unknown kind", () => [extendedData, 0, 7, "x"], USELESS],
  ["data for no channel", () => [data, 99, "x"], USELESS],
  ["window adjustments", () => [windowAdjust, 0, 1], USELESS],
  ["ends of streams", () => [eof, 0], USELESS],
  ["answers", () => [MESSAGE.success, 0], USELESS],
  [
    "data beyond the window",
    () => [data, 0, "x".repeat(30_000)],
    "it sent more data than its window allows",
  ],
  [
    "a window beyond all bounds",
    () => [windowAdjust, 0, 2 ** 32 - 1],
    "it opened a window larger than SSH allows",
  ],
];

for (const [name, more, reason] of FLOODS) {
  Deno.test(`a host that floods an ssh process is ended: ${name}`, async () => {
    const connection = flooded(more);
    const stream = await connection.exec("x", { signal });
    const error = await connection.closed;
    assertStringIncludes(error?.message ?? "", reason);
    const { lost, fault } = await stream.exit;
    assert(lost);
    assertStringIncludes(fault ?? "", reason);
  });
}

Deno.test("single bytes from an ssh process arrive complete and in order", async () => {
  let sent = 0;
  const connection = flooded(() => {
    if (sent === 10_000) return [MESSAGE.close, 0];
    return [data, 0, Uint8Array.of(sent++)];
  });
  const stream = await connection.exec("x", { signal });
  const got = new Uint8Array(await new Response(stream.stdout).arrayBuffer());
  assertEquals(got.length, 10_000);
  assert(got.every((byte, i) => byte === i % 256));
});

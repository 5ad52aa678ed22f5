import { assertEquals } from "@std/assert";
import { Outgoing } from "../../../src/gate/open/outgoing.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A stream that keeps what is written to it, write by write. */
function sink() {
  const writes: string[] = [];
  let isClosed = false;
  const stream = new WritableStream<Uint8Array>({
    write(chunk) {
      writes.push(new TextDecoder().decode(chunk));
    },
    close() {
      isClosed = true;
    },
  });
  return { writes, stream, isClosed: () => isClosed };
}

Deno.test("Outgoing holds bytes back until there is a stream", async () => {
  const outgoing = new Outgoing();
  const { writes, stream } = sink();
  const pushed = outgoing.push(encode("c"));
  assertEquals(outgoing.bytesSent, 0);
  outgoing.start(stream, [encode("a"), encode("b")]);
  await pushed;
  assertEquals(writes, ["abc"]);
  assertEquals(outgoing.bytesSent, 3);
});

Deno.test("Outgoing joins small pieces, and writes large ones unchanged", async () => {
  const outgoing = new Outgoing();
  const { writes, stream } = sink();
  const large = "x".repeat(100_000);
  outgoing.start(stream, [encode("a"), encode(large), encode("b")]);
  await outgoing.push(encode("c"));
  assertEquals(writes, ["a", large, "bc"]);
});

Deno.test("Outgoing writes everything before it closes the stream", async () => {
  const outgoing = new Outgoing();
  const { writes, stream, isClosed } = sink();
  outgoing.start(stream, []);
  outgoing.push(encode("a"));
  await outgoing.close();
  assertEquals(writes, ["a"]);
  assertEquals(isClosed(), true);
});

Deno.test("Outgoing takes nothing more after its stream has broken", async () => {
  const outgoing = new Outgoing();
  outgoing.start(
    new WritableStream({
      write: () => Promise.reject(new Error("broken")),
    }),
    [],
  );
  await outgoing.push(encode("a"));
  assertEquals(outgoing.push(encode("b")), undefined);
  assertEquals(outgoing.bytesSent, 0);
  await outgoing.close();
});

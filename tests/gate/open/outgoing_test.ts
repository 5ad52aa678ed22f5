import { assertEquals } from "@std/assert";
import { Outgoing } from "../../../src/gate/open/outgoing.ts";
import type { StreamInput } from "../../../src/transport/transport.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** An input that keeps what is written to it, write by write. */
function sink() {
  const writes: string[] = [];
  let isClosed = false;
  const input: StreamInput = {
    write(chunk) {
      writes.push(new TextDecoder().decode(chunk));
      return undefined;
    },
    end() {
      isClosed = true;
    },
  };
  return { writes, input, isClosed: () => isClosed };
}

Deno.test("Outgoing holds bytes back until there is an input", async () => {
  const outgoing = new Outgoing();
  const { writes, input } = sink();
  const pushed = outgoing.push(encode("c"));
  assertEquals(outgoing.bytesSent, 0);
  outgoing.start(input, [encode("a"), encode("b")]);
  await pushed;
  assertEquals(writes, ["abc"]);
  assertEquals(outgoing.bytesSent, 3);
});

Deno.test("Outgoing joins small pieces, and writes large ones unchanged", async () => {
  const outgoing = new Outgoing();
  const { writes, input } = sink();
  const large = "x".repeat(100_000);
  outgoing.start(input, [encode("a"), encode(large), encode("b")]);
  await outgoing.push(encode("c"));
  assertEquals(writes, ["a", large, "bc"]);
});

Deno.test("Outgoing writes everything before it ends the input", async () => {
  const outgoing = new Outgoing();
  const { writes, input, isClosed } = sink();
  outgoing.start(input, []);
  outgoing.push(encode("a"));
  await outgoing.close();
  assertEquals(writes, ["a"]);
  assertEquals(isClosed(), true);
});

Deno.test("Outgoing takes nothing more after its input has broken", async () => {
  const outgoing = new Outgoing();
  outgoing.start(
    { write: () => Promise.reject(new Error("broken")), end: () => {} },
    [],
  );
  await outgoing.push(encode("a"));
  assertEquals(outgoing.push(encode("b")), undefined);
  assertEquals(outgoing.bytesSent, 0);
  await outgoing.close();
});

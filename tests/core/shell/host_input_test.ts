import { assertEquals, assertRejects } from "@std/assert";
import { HostInput } from "../../../src/core/shell/host_input.ts";
import { CallError } from "../../../src/errors.ts";

function inputOf(...texts: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return ReadableStream.from(texts.map((text) => encoder.encode(text)));
}

async function textOf(input: HostInput): Promise<string> {
  return await new Response(ReadableStream.from(input.chunks())).text();
}

Deno.test("HostInput gives every host the whole input", async () => {
  const input = new HostInput(inputOf("a", "b", "c"));
  const both = await Promise.all([textOf(input), textOf(input)]);
  assertEquals([...both, await textOf(input)], ["abc", "abc", "abc"]);
});

Deno.test("HostInput is read no faster than the fastest host takes it", async () => {
  let pulled = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1));
    },
  }, { highWaterMark: 0 });
  const chunks = new HostInput(source).chunks();
  await chunks.next();
  await chunks.next();
  assertEquals(pulled, 2);
  await chunks.return();
});

Deno.test("HostInput fails on every host when the input is too long", async () => {
  const input = new HostInput(inputOf("abc", "defg"), { maxBytes: 5 });
  for (let host = 0; host < 2; host++) {
    await assertRejects(() => textOf(input), CallError, "longer than 5 bytes");
  }
});

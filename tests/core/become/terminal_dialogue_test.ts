import { assertEquals, assertLess } from "@std/assert";
import { TerminalDialogue } from "../../../src/core/become/terminal_dialogue.ts";
import type { Stream } from "../../../src/transport/transport.ts";

/** A terminal that says something, and then nothing more. */
function terminal(said: readonly string[], stdin: WritableStream): Stream {
  const encoder = new TextEncoder();
  const exit = { code: 1, signal: null, lost: false };
  return {
    stdin,
    stdout: ReadableStream.from(said.map((text) => encoder.encode(text))),
    stderr: ReadableStream.from([]),
    exit: Promise.resolve(exit),
    close: () => {},
  };
}

function dialogue(said: readonly string[], stdin = new WritableStream()) {
  const marker = "ftl-n-";
  const password = "pw";
  const onReport = () => {};
  const stream = terminal(said, stdin);
  return new TerminalDialogue(stream, { marker, password, onReport });
}

Deno.test("a question of ours is answered, whatever stars stand after it", async () => {
  const written: string[] = [];
  const stdin = new WritableStream<Uint8Array>({
    write: (chunk) => void written.push(new TextDecoder().decode(chunk)),
  });
  await dialogue(["hello\r\nftl-n-pass", "word: ** \b"], stdin).exit;
  assertEquals(written, ["pw\n"]);
});

Deno.test("a host that says little very often does not hold us up", async () => {
  const began = performance.now();
  await dialogue([
    "*".repeat(4095) + "x",
    ...Array.from({ length: 2000 }, () => "x".padStart(4, "*")),
  ]).exit;
  assertLess(performance.now() - began, 8_000);
});

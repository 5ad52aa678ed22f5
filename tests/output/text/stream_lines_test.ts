import { assertEquals } from "@std/assert";
import { createStyle } from "../../../src/output/style.ts";
import { createOutputStream } from "../../../src/output/text/stream_lines.ts";

function startStream(hosts: readonly string[] = ["web1", "web10"]) {
  const written: string[] = [];
  const stream = createOutputStream((text) => written.push(text), {
    hosts,
    style: createStyle(false),
  });
  return { stream, shown: () => written.splice(0).join("") };
}

Deno.test("createOutputStream() shows lines under aligned names, stderr by its sign", () => {
  const { stream, shown } = startStream();
  stream.add("web1", "stdout", "one\n\ntwo\n");
  stream.add("web10", "stderr", "oops\n");
  assertEquals(
    shown(),
    "web1  | one\nweb1  |\nweb1  | two\nweb10 ! oops\n",
  );
});

Deno.test("createOutputStream() holds an incomplete line", () => {
  const { stream, shown } = startStream();
  stream.add("web1", "stdout", "on");
  stream.add("web10", "stdout", "other\n");
  stream.add("web1", "stderr", "err");
  assertEquals(shown(), "web10 | other\n");
  stream.add("web1", "stdout", "e\ntw");
  assertEquals(shown(), "web1  | one\n");
  stream.flush("web1");
  assertEquals(shown(), "web1  | tw\nweb1  ! err\n");
  stream.flush("web1");
  stream.flushAll();
  assertEquals(shown(), "");
});

Deno.test("createOutputStream() shows incomplete lines of all hosts at the end", () => {
  const { stream, shown } = startStream();
  stream.add("web10", "stdout", "a");
  stream.add("web1", "stdout", "b");
  stream.flushAll();
  assertEquals(shown(), "web10 | a\nweb1  | b\n");
});

Deno.test("createOutputStream() ends a line at a carriage return, split or not", () => {
  const { stream, shown } = startStream();
  stream.add("web1", "stdout", "a\r\nb\r");
  stream.add("web1", "stdout", "\n10%\r20%\r");
  assertEquals(shown(), "web1  | a\nweb1  | b\nweb1  | 10%\n");
  stream.flush("web1");
  assertEquals(shown(), "web1  | 20%\n");
});

Deno.test("createOutputStream() shows an endless line in pieces", () => {
  const { stream, shown } = startStream(["a"]);
  for (let i = 0; i < 64; i++) stream.add("a", "stdout", "🎉".repeat(8192));
  stream.flush("a");
  const lines = shown().trimEnd().split("\n");
  assertEquals(lines.length, 64);
  assertEquals(lines.every((line) => line.length <= 4 + 16_384), true);
  assertEquals(lines.map((l) => l.slice(4)).join(""), "🎉".repeat(64 * 8192));
});

Deno.test("createOutputStream() escapes output and host names", () => {
  const { stream, shown } = startStream(["a\x1bb"]);
  stream.add("a\x1bb", "stdout", "\x1b]0;x\x07\n");
  assertEquals(shown(), "a\\x1bb | \\x1b]0;x\\x07\n");
});

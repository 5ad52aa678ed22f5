import { Buffer } from "node:buffer";
import { PassThrough } from "node:stream";
import { assertEquals } from "@std/assert";
import {
  isBusyMessage,
  watchGreeting,
} from "../../../../src/transport/ssh/connection/greeting.ts";

/** The lines that are reported for these chunks. */
function reported(...chunks: readonly string[]): string[] {
  const carrier = new PassThrough();
  const lines: string[] = [];
  watchGreeting(carrier, (line) => lines.push(line));
  for (const chunk of chunks) carrier.emit("data", Buffer.from(chunk));
  return lines;
}

Deno.test("watchGreeting() reports the first line as it grows", () => {
  assertEquals(reported("Not al", "lowed\r\nmore"), ["Not al", "Not allowed"]);
});

Deno.test("watchGreeting() withdraws the line when SSH follows, and stops", () => {
  assertEquals(
    reported("Welcome\r\n", "SSH-2.0-x\r\n", "binary"),
    ["Welcome", ""],
  );
});

Deno.test("watchGreeting() reports printable characters, at most 100", () => {
  assertEquals(reported("a\x1b[31m\x00b"), ["a?[31m?b"]);
  assertEquals(reported("x".repeat(101)), ["x".repeat(100)]);
});

Deno.test("watchGreeting() stops after 256 bytes", () => {
  assertEquals(reported("x".repeat(256), "y").length, 1);
  assertEquals(reported("x".repeat(255), "y", "z").length, 2);
});

Deno.test("isBusyMessage() recognizes the messages of a busy sshd", () => {
  assertEquals(isBusyMessage("Exceeded MaxStartups"), true);
  assertEquals(isBusyMessage("Not allowed at this time"), true);
  assertEquals(isBusyMessage("Not allowed"), false);
});

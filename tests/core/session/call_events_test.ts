import { assertEquals } from "@std/assert";
import type { CallEvent } from "../../../src/protocol/message.ts";
import { CallEvents } from "../../../src/core/session/call_events.ts";
import type { MessageSocket } from "../../../src/core/session/message_socket.ts";

const MIB = 1024 * 1024;

function lab() {
  const told: CallEvent[] = [];
  const socket = {
    unread: 0,
    send: (_: string, { event }: { event: CallEvent }) => told.push(event),
  };
  const events = new CallEvents(socket as unknown as MessageSocket, 1);
  return { socket, events, told };
}

const line = (text: string): CallEvent => ({
  type: "Output",
  data: { stream: "stdout", text },
});

Deno.test("a client that reads gets every event", () => {
  const { events, told, socket } = lab();
  socket.unread = 60 * MIB;
  events.push(line("a"));
  events.push({ type: "Progress", data: { data: 1 } });
  events.end();
  assertEquals(told.length, 2);
});

Deno.test("a client that does not read learns how much it has missed", () => {
  const { events, told, socket } = lab();
  socket.unread = 65 * MIB;
  for (let i = 0; i < 10; i++) events.push(line("0123456789"));
  events.push({ type: "Progress", data: { data: 1 } });
  assertEquals(told, []);
  socket.unread = 0;
  events.push(line("later"));
  events.end();
  assertEquals(told, [
    line("\n[100 bytes more were left out]\n"),
    line("later"),
  ]);
});

Deno.test("what is left out at the end is told before the reply", () => {
  const { events, told, socket } = lab();
  socket.unread = 65 * MIB;
  events.push(line("0123456789"));
  events.end();
  assertEquals(told, [line("\n[10 bytes more were left out]\n")]);
});

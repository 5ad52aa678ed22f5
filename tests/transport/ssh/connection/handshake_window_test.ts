import { assertEquals } from "@std/assert";
import { HandshakeWindow } from "../../../../src/transport/ssh/connection/handshake_window.ts";

/** A window with a clock, and a delay that both move by hand. */
function handMoved(most: number) {
  const clock = { nowMs: 0, lateMs: 0 };
  const window = new HandshakeWindow({
    most,
    nowMs: () => clock.nowMs,
    lateMs: () => clock.lateMs,
  });
  return {
    window,
    /** Times a handshake, during which this process was late for `lateMs`. */
    handshake(ms: number, lateMs: number, end: "done" | "missed" = "done") {
      const timed = window.begin();
      clock.nowMs += ms;
      clock.lateMs += lateMs;
      timed[end]();
    },
  };
}

Deno.test("handshakes that this process made slow halve the window", () => {
  const { window, handshake } = handMoved(50);
  handshake(2_000, 1_500);
  assertEquals(window.size, 25);
  handshake(10_000, 9_000, "missed");
  assertEquals(window.size, 12);
});

Deno.test("hosts that are slow or silent by themselves close nothing", () => {
  const { window, handshake } = handMoved(50);
  handshake(8_000, 100);
  handshake(10_000, 100, "missed");
  assertEquals(window.size, 50);
});

Deno.test("a short handshake closes nothing, however busy this process is", () => {
  const { window, handshake } = handMoved(50);
  handshake(300, 290);
  assertEquals(window.size, 50);
});

Deno.test("the handshakes of one window close it once", () => {
  const { window, handshake } = handMoved(50);
  const together = Array.from({ length: 10 }, () => window.begin());
  handshake(10_000, 9_000, "missed");
  for (const timed of together) timed.missed();
  assertEquals(window.size, 25);
});

Deno.test("the window opens by one for each window of handshakes, up to the most", () => {
  const { window, handshake } = handMoved(16);
  handshake(10_000, 9_000, "missed");
  assertEquals(window.size, 8);
  for (let i = 0; i < 9; i++) handshake(50, 0);
  assertEquals(window.size, 9);
  for (let i = 0; i < 500; i++) handshake(50, 0);
  assertEquals(window.size, 16);
});

Deno.test("the window never closes below four, nor below what was asked for", () => {
  for (const [most, least] of [[50, 4], [2, 2]] as const) {
    const { window, handshake } = handMoved(most);
    for (let i = 0; i < 20; i++) handshake(10_000, 9_000, "missed");
    assertEquals(window.size, least);
  }
});

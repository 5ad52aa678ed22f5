import { assertEquals } from "@std/assert";
import { SenderSilence } from "../../../../src/core/nats/sender/followed_sender.ts";

Deno.test("a sender that is silent for 90 s counts as gone", () => {
  const silence = new SenderSilence(0);
  assertEquals([silence.isOver(89_999), silence.isOver(90_000)], [false, true]);
  silence.hear(50_000);
  assertEquals(silence.isOver(139_999), false);
  assertEquals(silence.isOver(140_000), true);
});

Deno.test("a server that is away now and then does not keep a sender alive for long", () => {
  const silence = new SenderSilence(0);
  silence.miss(10_000); // there is time enough to hear the sender
  assertEquals(silence.isOver(90_000), true);
  silence.miss(90_000);
  assertEquals([silence.isOver(119_999), silence.isOver(120_000)], [
    false,
    true,
  ]);
});

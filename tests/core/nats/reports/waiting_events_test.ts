import { assert, assertEquals } from "@std/assert";
import {
  type WaitingEvent,
  WaitingEvents,
} from "../../../../src/core/nats/reports/waiting_events.ts";
import { outputOf } from "../../../support/reports_lab.ts";

const ALL = { bytes: Infinity, count: Infinity };

/** What waits, as it was pushed. */
function waiting(events: WaitingEvents): WaitingEvent[] {
  return events.first(ALL).map((text) => JSON.parse(text));
}

Deno.test("what a server that is away keeps waiting is bounded, and what is left out is counted", () => {
  const events = new WaitingEvents({ onDue: () => {} });
  const text = "x".repeat(1_000);
  for (let i = 0; i < 20_000; i++) events.push(outputOf(i % 2, text));
  events.push({ event: "progress", t: 1, host: "h0", data: 1 });
  events.push({ event: "learned", args: {} });
  assert(events.bytes < 9 * 1024 ** 2, `${events.bytes} bytes`);
  const whole = events.size - 1;
  assertEquals(waiting(events).slice(whole), [{ event: "learned", args: {} }]);
  events.drop(events.size - 1);
  events.push(outputOf(1, "later"));
  events.end("h0"); // its result comes
  events.end("h0");
  // The hosts took turns.
  const mark = (host: number) => {
    const left = 10_000 - Math.ceil((whole - host) / 2);
    return `\n[${left * 1_000} bytes more were left out]\n`;
  };
  assertEquals(waiting(events).slice(1), [
    outputOf(1, mark(1)),
    outputOf(1, "later"),
    outputOf(0, mark(0)),
  ]);
});

Deno.test("first() gives some bytes, or one event; drop() lets go of them", () => {
  const events = new WaitingEvents({ onDue: () => {} });
  for (const text of ["a".repeat(1_000), "b", "c", "d"]) {
    events.push(outputOf(0, text));
  }
  const { length } = JSON.stringify(outputOf(0, "b"));
  assertEquals(events.first({ bytes: 10, count: 9 }).length, 1);
  events.drop(1);
  assertEquals(events.first({ bytes: 2 * length, count: 9 }).length, 2);
  assertEquals(events.first({ bytes: 1e9, count: 2 }).length, 2);
  assertEquals(events.bytes, 3 * length);
  events.clear();
  assertEquals([events.size, events.bytes], [0, 0]);
});

Deno.test("phases wait for the result, which has them, for a second, or until a host prints", async () => {
  const due = Promise.withResolvers<void>();
  const events = new WaitingEvents({ onDue: due.resolve });
  const phaseOf = (host: string, phase: "connect" | "auth"): WaitingEvent => ({
    ...{ event: "host_phase", t: 1, host, phase, ms: 1 },
  });
  events.push(phaseOf("h0", "connect"));
  events.push(phaseOf("h1", "connect"));
  events.push(phaseOf("h1", "auth"));
  events.push(phaseOf("h2", "connect"));
  assertEquals(waiting(events), []);
  events.push(outputOf(1, "printed"));
  const printed = [
    phaseOf("h1", "connect"),
    phaseOf("h1", "auth"),
    outputOf(1, "printed"),
  ];
  assertEquals(waiting(events), printed);
  events.end("h2");
  await due.promise;
  assertEquals(waiting(events), [...printed, phaseOf("h0", "connect")]);
  events.push(phaseOf("h3", "connect"));
  events.clear(); // and its timer, which the test would find
});

Deno.test("what was left out of a host's output comes after its phases", () => {
  const events = new WaitingEvents({ most: 10, onDue: () => {} });
  const phase: WaitingEvent = {
    ...{ event: "host_phase", t: 1, host: "h1", phase: "auth", ms: 1 },
  };
  events.push(phase);
  events.push(outputOf(0, "full"));
  events.push(outputOf(1, "left out"));
  events.end("h1");
  const mark = outputOf(1, "\n[8 bytes more were left out]\n");
  assertEquals(waiting(events).slice(1), [phase, mark]);
});

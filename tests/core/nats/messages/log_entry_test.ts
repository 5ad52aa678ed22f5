import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  bodyOfEntry,
  encodeEntry,
  type LogDraft,
  MAX_ENTRY_EVENTS,
  readLogEntry,
  readNote,
} from "../../../../src/core/nats/messages/log_entry.ts";
import { openEntry } from "../../../../src/core/nats/messages/open_entry.ts";
import { plainPacking } from "../../../../src/core/nats/trust/sealed_bodies.ts";
import { FtlError } from "../../../../src/errors.ts";

const { pack, open } = plainPacking({
  pack: (body) => Promise.resolve(Uint8Array.from([1, ...body])),
  unpack: (message) => Promise.resolve(message.subarray(1)),
});
const writer = { worker: "w1", id: "p1" };
const encode = (draft: LogDraft) =>
  encodeEntry(draft, { writer, entry: "e1", pack });

const DRAFT = {
  begin: [1, 2],
  lost: [3],
  results: [{ index: 4, text: '{"a":"ü\\n"}' }, { index: 5, text: "{}" }],
  events: ['{"event":"output"}'],
};

Deno.test("an entry arrives as it was written, and its note says who begins and is done", async () => {
  const data = await encode(DRAFT);
  assertEquals(readNote(data), {
    ...{ id: "p1", entry: "e1" },
    ...{ begin: [1, 2], done: [4, 5, 3] },
  });
  const { owner, apart, ...read } = await openEntry(data, open);
  assertEquals(read, { ...writer, ...DRAFT });
  assertEquals([owner, apart], ["p1", undefined]);
});

Deno.test("the lines of large results are in a message of their own; without it they are empty", async () => {
  const text = JSON.stringify({ stdout: "x".repeat(300_000) });
  const data = await encode({ results: [{ index: 0, text }] });
  const { results } = await openEntry(data, open);
  assertEquals(results, [{ index: 0, text }]);
  const body = bodyOfEntry(data);
  const missing = await openEntry(data, async (message) => {
    if (message.length !== body.length) throw new Error("it is gone");
    return await open(message);
  });
  assertEquals(missing.results, [{ index: 0, text: "" }]);
});

Deno.test("an entry that was cut at any byte is refused", async () => {
  const data = await encode(DRAFT);
  for (let length = 0; length < data.length - bodyOfEntry(data).length;) {
    const cut = data.subarray(0, length++);
    assertThrows(() => readNote(cut), FtlError);
  }
  const head = data.subarray(0, data.indexOf(10) - 1); // half a head
  await assertRejects(() => openEntry(head, open), FtlError);
});

Deno.test("an entry says which key vouches for it", async () => {
  const data = await encode(DRAFT);
  const { owner } = await openEntry(data, async (message) => ({
    ...await open(message),
    from: "ftl-worker-x",
  }));
  assert(owner !== "p1" && owner.includes("ftl-worker-x"));
});

Deno.test("an entry of countless lines, hosts or a head without end makes few texts", async () => {
  const head = { worker: "w", id: "1", begin: [], lost: [], results: [0] };
  const text = (value: unknown) => `${JSON.stringify(value)}\n`;
  const lines = new Uint8Array(64 * 1024 ** 2).fill(10);
  const body = lines.slice();
  new TextEncoder().encodeInto(text(head), body);
  const apart = Uint8Array.of(2);
  const entries = [
    readLogEntry(body),
    await openEntry(
      Uint8Array.from([
        ...(await encode({})).subarray(
          0,
          -bodyOfEntry(await encode({})).length,
        ),
        1,
        ...new TextEncoder().encode(text({ ...head, apart: apart.toBase64() })),
      ]),
      (message) =>
        message[0] === 2
          ? Promise.resolve({ body: lines, from: undefined })
          : open(message),
    ),
  ];
  for (const { results, events } of entries) {
    assertEquals(results, [{ index: 0, text: "" }]);
    assertEquals(events.length, MAX_ENTRY_EVENTS);
  }
  const many = Array.from({ length: 51 }, (_, i) => i);
  for (const name of ["begin", "lost", "results"]) {
    const bytes = new TextEncoder().encode(text({ ...head, [name]: many }));
    assertThrows(() => readLogEntry(bytes), FtlError, `${name} has more hosts`);
  }
  const endless = new Uint8Array(2 * 1024 ** 2).fill(32);
  assertThrows(() => readLogEntry(endless), FtlError, "a head is too long");
});

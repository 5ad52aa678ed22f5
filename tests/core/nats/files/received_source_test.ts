// What a worker makes of files that came along with a call: its listing may be hostile.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FtlError } from "../../../../src/errors.ts";
import type { Json } from "../../../../src/protocol/message.ts";
import { encodeNats } from "../../../../src/core/nats/server/encode_nats.ts";
import {
  PART_BYTES,
  readSentContent,
} from "../../../../src/core/nats/files/sent_content.ts";
import type { NatsFiles } from "../../../../src/core/nats/server/nats_files.ts";
import { ReceivedSources } from "../../../../src/core/nats/files/received_source.ts";

const NONE = {} as NatsFiles; // everything is inline

function inline(bytes: Uint8Array) {
  return { size: bytes.length, inline: bytes.toBase64() };
}

function take(listing: object, content = "") {
  const bytes = new TextEncoder().encode(content);
  const whole = { ...listing, content: inline(bytes) };
  return new ReceivedSources(NONE).take(inline(encodeNats(whole))).source;
}

const entry = { kind: "file", place: "a", size: 1, mode: 420, mtime: 1 };
const top = {
  ...{ kind: "folder", place: "", size: 0, mode: 493, mtime: 1 },
  target: "",
};

function push(...entries: object[]) {
  return {
    push: {
      ...{ name: "site", path: "/src/site" },
      entries: [top, ...entries.map((each) => ({ target: "", ...each }))],
    },
  };
}

Deno.test("files are read where their content is", async () => {
  const source = await take(
    push(entry, { ...entry, place: "b/c", size: 3 }, { ...entry, place: "d" }),
    "12345",
  );
  if (!("push" in source)) throw new Error("It is not a push");
  const texts: string[] = [];
  for (const each of source.push.entries) {
    const chunks = await Array.fromAsync(source.push.read(each));
    texts.push(await new Blob(chunks).text());
  }
  assertEquals(texts, ["1", "234", "5"]);
  assertEquals(source.push.entries[1]?.path, "/src/site/b/c");
});

Deno.test("a listing that leads elsewhere or contradicts itself is refused", async () => {
  const cases = [
    push({ ...entry, place: "../a" }),
    push({ ...entry, place: "/a" }),
    push({ ...entry, place: "a//b" }),
    push({ ...entry, place: "a/." }),
    push({ ...entry, place: "a\0" }),
    push({ ...entry, place: "" }),
    push(entry, entry),
    push({ ...entry, size: 2 }),
    push({ ...entry, size: -1 }),
    push({ ...entry, size: 0.5 }),
    push({ ...entry, size: "1" }),
    push({ ...entry, kind: "folder" }),
    push({ ...entry, kind: "socket" }),
    push({ ...entry, mtime: null }),
    { push: { name: "a/b", path: "/a", entries: [top] } },
    { push: { name: "..", path: "/a", entries: [top] } },
    { push: { name: "", path: "/a", entries: [] } },
    { file: { name: "..", path: "/a", size: 1, mode: 1 } },
    { file: { name: "a", path: 7, size: 1, mode: 1 } },
    { tree: { path: "/a", files: [], folders: [".."], links: [] } },
    { tree: { path: "/a", files: [], folders: [], links: [["a"]] } },
    { tree: { path: "/a", files: {}, folders: [], links: [] } },
    {},
  ];
  for (const listing of cases) {
    await assertRejects(
      () => take(listing, "1"),
      FtlError,
      "is malformed",
      JSON.stringify(listing),
    );
  }
});

Deno.test("content that is malformed or too large is refused", () => {
  const key = new Uint8Array(32).toBase64();
  const part = "a".repeat(64);
  const cases: Json[] = [
    null,
    [],
    {},
    { size: -1, inline: "" },
    { size: 1, inline: "" },
    { size: 3, inline: "{}" },
    { size: 1, parts: ["a"] },
    { size: 1, key, parts: [] },
    { size: PART_BYTES + 1, key, parts: [part] },
    { size: 1, key, parts: [7] },
    { size: 1, key, parts: ["a"] },
    { size: 1, key: "AA==", parts: [part] },
    { size: 1e15, key, parts: [part] },
  ];
  for (const each of cases) {
    assertThrows(() => readSentContent(each), FtlError);
  }
  assertEquals(readSentContent({ size: 1, key, parts: [part] }).size, 1);
});

Deno.test("a source is kept for as long as a host needs it", async () => {
  const sent = inline(encodeNats({
    ...push(entry),
    content: inline(new TextEncoder().encode("1")),
  }));
  const sources = new ReceivedSources(NONE);
  const [a, b] = [sources.take(sent), sources.take(sent)];
  const first = await a.source;
  assertEquals(await b.source === first, true);
  a.release();
  a.release(); // once too often
  const c = sources.take(sent);
  assertEquals(await c.source === first, true);
  b.release();
  c.release();
  const d = sources.take(sent);
  assertEquals(await d.source === first, false);
  c.release();
  const e = sources.take(sent);
  assertEquals(await e.source === await d.source, true);
  sources.close();
});

Deno.test("content in a message has a bounded size", () => {
  const bytes = new Uint8Array(24 * 1024 + 1);
  assertThrows(() => readSentContent(inline(bytes)), FtlError, "malformed");
  readSentContent(inline(bytes.subarray(1)));
});

Deno.test("letting go of a source that could not be taken leaves a later one", async () => {
  const sent = {
    size: 1,
    key: new Uint8Array(32).toBase64(),
    parts: ["a".repeat(64)],
  };
  const answers = [
    Promise.reject<never>(new FtlError("It is not there")),
    Promise.withResolvers<never>().promise,
    Promise.withResolvers<never>().promise,
  ];
  const files = { take: () => answers.shift()! } as unknown as NatsFiles;
  const sources = new ReceivedSources(files);
  const failed = sources.take(sent);
  await assertRejects(() => failed.source, FtlError, "not there");
  const later = sources.take(sent);
  failed.release();
  assertEquals(sources.take(sent).source === later.source, true);
});

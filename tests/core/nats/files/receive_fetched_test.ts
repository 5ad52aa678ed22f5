// What a sender makes of files that a worker sends back: the worker may be hostile.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { NatsFiles } from "../../../../src/core/nats/server/nats_files.ts";
import {
  receiveFetched,
  withWritten,
} from "../../../../src/core/nats/files/receive_fetched.ts";
import { encodeNats } from "../../../../src/core/nats/server/encode_nats.ts";
import type { JsonObject } from "../../../../src/protocol/message.ts";
import { inFolder } from "../../../support/in_folder.ts";

const NONE = {} as NatsFiles; // everything is inline

function inline(bytes: Uint8Array): JsonObject {
  return { size: bytes.length, inline: bytes.toBase64() };
}

function entry(more: JsonObject): JsonObject {
  return {
    ...{ kind: "file", place: "a", size: 0, mode: 0o4777, mtime: 1_000 },
    target: "",
    ...more,
  };
}

async function receive(
  dest: string,
  entries: readonly JsonObject[],
  { content = "", max_size }: { content?: string; max_size?: number } = {},
) {
  const listing = {
    fetched: entries,
    content: inline(new TextEncoder().encode(content)),
  };
  return await receiveFetched(inline(encodeNats(listing)), {
    ...{ files: NONE, host: "../h1" },
    args: { src: "/x", dest, ...max_size === undefined ? {} : { max_size } },
    signal: new AbortController().signal,
  });
}

Deno.test("files are written below the host's folder, without special bits", () =>
  inFolder(async (folder) => {
    const dest = join(folder, "dest");
    await Deno.mkdir(dest);
    const written = await receive(dest, [
      entry({ kind: "folder", place: "x" }),
      entry({ place: "x/one", size: 3 }),
      entry({ kind: "link", place: "x/link", target: "one" }),
    ], { content: "abc" });
    const own = join(dest, "%2E.%2Fh1");
    assertEquals(written.folder, own);
    assertEquals([written.files, written.bytes], [1, 3]);
    assertEquals(await Deno.readTextFile(join(own, "x/link")), "abc");
    const { mode } = await Deno.stat(join(own, "x/one"));
    assertEquals(mode! & 0o7000, 0);
    const told = { dest: "/../../etc/x", changed: false, files: 9, bytes: 9 };
    assertEquals(withWritten(told, written).dest, join(own, "etc/x"));
  }));

Deno.test("nothing is written outside of the host's folder", () =>
  inFolder(async (folder) => {
    const dest = join(folder, "dest");
    await Deno.mkdir(dest);
    await Deno.mkdir(join(folder, "outside"));
    const cases: [JsonObject[], string][] = [
      [[entry({ place: "../a" })], "place"],
      [[entry({ place: "/etc/a" })], "place"],
      [[entry({ place: "a/../../b" })], "place"],
      [[entry({ place: "a\0b" })], "place"],
      [[entry({}), entry({})], "comes twice"],
      [[entry({ size: 1 })], "Cannot"],
      [
        [entry({ kind: "link", place: "l", target: "../../outside" })],
        "leads out of its folder",
      ],
      [
        [entry({ kind: "link", place: "l", target: "/etc" })],
        "leads out of its folder",
      ],
      [
        [
          entry({ kind: "folder", place: "d" }),
          entry({ kind: "link", place: "l", target: "d" }),
          entry({ place: "l/a" }),
        ],
        "a link is there",
      ],
      [[entry({ kind: "link", place: "", target: "d" })], "Cannot write"],
      [[entry({ place: "" })], "Cannot write"],
    ];
    for (const [entries, why] of cases) {
      const error = await assertRejects(() => receive(dest, entries), Error);
      assertStringIncludes(error.message, why, JSON.stringify(entries));
    }
    const outside = await Array.fromAsync(
      Deno.readDir(join(folder, "outside")),
    );
    assertEquals(outside, []);
    const there = await Array.fromAsync(Deno.readDir(folder));
    assertEquals(there.map(({ name }) => name).sort(), ["dest", "outside"]);
  }));

Deno.test("more than one host may send is refused", () =>
  inFolder(async (folder) => {
    const error = await assertRejects(() =>
      receive(folder, [entry({ size: 3 })], { content: "abc", max_size: 2 })
    );
    assertStringIncludes((error as Error).message, "more than 2 bytes");
  }));

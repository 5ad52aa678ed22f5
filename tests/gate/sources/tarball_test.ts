import { assertEquals, assertRejects } from "@std/assert";
import { BuildError } from "../../../src/errors.ts";
import { readTarball } from "../../../src/gate/sources/tarball.ts";
import { unpackZip } from "../../../src/gate/format/zipapp.ts";

async function gzip(
  chunks: Iterable<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = ReadableStream.from(chunks)
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function read(bytes: Uint8Array<ArrayBuffer>) {
  return readTarball({ path: "/c.tar.gz", bytes, sha256: "" });
}

for (
  const size of ["-0000001000", "-0000000001", "99999999999", "0000000x", ""]
) {
  Deno.test(`readTarball() refuses a member with the size ${size}, soon`, async () => {
    const tar = new Uint8Array(2048);
    tar.set(new TextEncoder().encode("name"));
    tar.set(new TextEncoder().encode(size), 124);
    tar[156] = 0x30;
    const reading = read(await gzip([tar]));
    await assertRejects(() => reading, BuildError, "not a complete tar file");
  });
}

Deno.test("readTarball() refuses a small file that holds very much", async () => {
  const chunk = new Uint8Array(1024 * 1024);
  const bytes = await gzip(Array.from({ length: 257 }, () => chunk));
  await assertRejects(() => read(bytes), BuildError, "more than 256 MiB");
});

Deno.test("unpackZip() refuses a zip that announces very much", () => {
  // A central directory whose only entry has 4 GB less one byte.
  const name = new TextEncoder().encode("a");
  const entry = new Uint8Array(46 + name.length);
  const view = new DataView(entry.buffer);
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(10, 8, true);
  view.setUint32(24, 0xfffffffe, true);
  view.setUint16(28, name.length, true);
  entry.set(name, 46);
  const end = new Uint8Array(22);
  const endView = new DataView(end.buffer);
  endView.setUint32(0, 0x06054b50, true);
  endView.setUint16(8, 1, true);
  endView.setUint16(10, 1, true);
  endView.setUint32(12, entry.length, true);
  endView.setUint32(16, 40, true);
  const zip = new Uint8Array([...new Uint8Array(40), ...entry, ...end]);
  let message = "";
  try {
    unpackZip(zip);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "it holds more than 256 MiB");
});

// Archives: zips of gates and wheels, and tars of collections and hosts.
import fc from "fast-check";
import { zipSync } from "fflate";
import { readTar } from "../../../src/core/tar/tar_reader.ts";
import {
  tarEnd,
  tarHeader,
  tarPadding,
} from "../../../src/core/tar/tar_writer.ts";
import { readArchive } from "../../../src/gate/archive/load_archive.ts";
import { readWheel } from "../../../src/gate/requirements/wheel.ts";
import { readTarball } from "../../../src/gate/sources/tarball.ts";
import { word } from "../grammar.ts";
import type { Target } from "../target.ts";

const content = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 0, max: 100_000 }).map((size) => new Uint8Array(size)),
);
const entries = fc.dictionary(
  fc.oneof(
    word,
    fc.constantFrom(
      "a.dist-info/METADATA",
      "a.dist-info/RECORD",
      "a.dist-info/WHEEL",
      "../x",
      "/x",
      "a/../b",
      "manifest.json",
      "a.so",
    ),
  ),
  content,
  { maxKeys: 5 },
);

const zip = entries.map((files) => zipSync({ ...files }, { level: 1 }));

const wheel = fc.tuple(
  fc.constantFrom(
    "Name: a",
    "Name: b",
    "Version: 1",
    "Requires-Dist: c; x",
    "X",
    "Requires-Python: >=3",
    "Requires-Python: ((((",
    "Requires-Dist: d (>1) ; python_version < '3'",
  ),
  fc.constantFrom(
    "Wheel-Version: 1.0\nRoot-Is-Purelib: true",
    "Root-Is-Purelib: false",
    "",
  ),
  entries,
).map(([metadata, about, files]) => {
  const encoder = new TextEncoder();
  return zipSync({
    ...files,
    "a-1.dist-info/METADATA": encoder.encode(
      `Name: a\nVersion: 1\n${metadata}\n`,
    ),
    "a-1.dist-info/WHEEL": encoder.encode(about),
    "a-1.dist-info/RECORD": encoder.encode(
      Object.keys(files).map((name) => `${name},,`).join("\n"),
    ),
  }, { level: 0 });
});

const member = fc.tuple(
  word,
  fc.constantFrom("file", "folder"),
  content,
).map(
  ([name, kind, bytes]) => {
    const size = kind === "file" ? bytes.length : 0;
    const header = tarHeader({
      name: `x/${name}`.repeat(name.length === 1 ? 60 : 1),
      kind: kind as "file" | "folder",
      size,
      mode: 0o644,
      mtime: 0,
      uid: 0,
      gid: 0,
      target: "",
    });
    return [header, bytes.subarray(0, size), tarPadding(size)];
  },
);
const tar = fc.array(member, { maxLength: 4 }).map((members) =>
  joined([...members.flat(), tarEnd(), Uint8Array.of(10)])
);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function gzipped(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes.slice()]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export const archiveTargets: readonly Target[] = [
  {
    name: "gate_archive",
    grammar: zip,
    async read(input) {
      const path = await Deno.makeTempFile({ prefix: "ftl-fuzz-gate-" });
      try {
        await Deno.writeFile(path, input);
        await readArchive(path);
      } finally {
        await Deno.remove(path);
      }
    },
  },
  {
    name: "wheel",
    grammar: wheel,
    async read(input) {
      const path = "/w/a-1-py3-none-any.whl";
      await readWheel({ path, bytes: input.slice(), sha256: "" });
    },
  },
  {
    name: "tar",
    grammar: tar,
    async read(input) {
      let left: Uint8Array | undefined = input;
      const files = readTar({
        read: () => {
          const bytes = left;
          left = undefined;
          return Promise.resolve(bytes);
        },
        unread: () => {},
      });
      for await (const { content } of files) {
        for await (const _ of content) { /* to its end */ }
      }
    },
  },
  {
    name: "tarball",
    grammar: tar,
    async read(input) {
      await readTarball({
        path: "/c.tar.gz",
        bytes: await gzipped(input),
        sha256: "",
      });
    },
  },
  {
    name: "gzip",
    // Deno does not free what a DecompressionStream that failed has held.
    share: 0.2,
    grammar: fc.oneof(fc.uint8Array(), tar),
    async read(input) {
      await readTarball({
        path: "/c.tar.gz",
        bytes: input.slice(),
        sha256: "",
      });
    },
  },
];

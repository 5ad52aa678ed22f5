// `-M` with the wheel or the source distribution of ansible-core, as published.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { zipSync } from "fflate";
import { compare, Reader } from "../../../src/gate/sources/build_inputs.ts";
import { openLibrary } from "../../../src/gate/sources/library.ts";
import {
  tarEnd,
  tarHeader,
  tarPadding,
} from "../../../src/core/tar/tar_writer.ts";

const FILES: Readonly<Record<string, string>> = {
  "ansible/modules/ping.py": "# ping\n",
  "ansible/module_utils/basic.py": "# basic\n",
  "ansible/release.py": "__version__ = '2.17.0'\n",
};
const encode = (text: string) => new TextEncoder().encode(text);

async function writeWheel(folder: string): Promise<string> {
  const path = join(folder, "ansible_core-2.17.0-py3-none-any.whl");
  const entries = Object.entries(FILES).map(([name, text]) =>
    [name, encode(text)] as const
  );
  await Deno.writeFile(path, zipSync(Object.fromEntries(entries)));
  return path;
}

async function writeSdist(
  folder: string,
  files = FILES,
  prefix = "ansible-core-2.17.0/lib/",
): Promise<string> {
  const path = join(folder, "ansible-core-2.17.0.tar.gz");
  const parts = Object.entries(files).flatMap(([name, text]) => [
    tarHeader({
      kind: "file",
      name: `${prefix}${name}`,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      size: encode(text).length,
      target: "",
    }),
    encode(text),
    tarPadding(encode(text).length),
  ]);
  const tar = new Blob([...parts, tarEnd()] as BlobPart[]);
  const gzip = tar.stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(path, await new Response(gzip).bytes());
  return path;
}

async function inFolder(test: (folder: string) => Promise<void>) {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (
  const [kind, write, below] of [
    ["a wheel", writeWheel, "ansible"],
    ["a source distribution", writeSdist, "lib/ansible"],
  ] as const
) {
  Deno.test(`openLibrary() reads modules and utils from ${kind} of ansible-core`, () =>
    inFolder(async (folder) => {
      const path = await write(folder);
      const reader = new Reader();
      const library = await openLibrary({ dirs: [path] }, reader);
      assertEquals(library.dirs, [join(path, below, "modules")]);
      assertEquals(library.core, join(path, below));
      const { bytes } = await reader.read(join(library.dirs[0]!, "ping.py"));
      assertEquals(new TextDecoder().decode(bytes), "# ping\n");
      assertEquals(
        [...(await library.utils[0]!.list(""))!.keys()],
        ["basic.py"],
      );
    }));
}

Deno.test("a build from an archive depends on the archive alone, and notices that it changed", () =>
  inFolder(async (folder) => {
    const path = await writeWheel(folder);
    await Deno.utime(path, 1, 1);
    const reader = new Reader();
    await openLibrary({ dirs: [path] }, reader);
    const footprint = reader.footprint();
    assertEquals(footprint.files.map(([name]) => name), [path]);
    assertEquals([footprint.folders, footprint.absent], [[], []]);
    assertEquals(await compare(footprint) === undefined, false);
    await Deno.writeFile(path, new Uint8Array([1]));
    assertEquals(await compare(footprint), undefined);
  }));

Deno.test("openLibrary() refuses an archive that is not ansible-core, and names the option for collections", () =>
  inFolder(async (folder) => {
    const files = { "MANIFEST.json": "{}", "plugins/modules/x.py": "" };
    const path = await writeSdist(folder, files, "");
    const error = await assertRejects(() =>
      openLibrary({ dirs: [path] }, new Reader())
    ) as Error & { hint?: string };
    assertStringIncludes(error.message, "it is not ansible-core");
    assertStringIncludes(error.hint!, "Name collections with");
  }));

Deno.test("openLibrary() reports a damaged wheel", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.whl");
    await Deno.writeTextFile(path, "not a zip");
    await assertRejects(
      () => openLibrary({ dirs: [path] }, new Reader()),
      Error,
      "it is not a complete wheel",
    );
  }));

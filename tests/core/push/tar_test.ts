import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { readTar } from "../../../src/core/tar/tar_reader.ts";
import {
  tarEnd,
  tarHeader,
  type TarMember,
  tarPadding,
} from "../../../src/core/tar/tar_writer.ts";
import { CallError } from "../../../src/errors.ts";

const ABOUT = { mode: 0o640, mtime: 1e9, uid: 7, gid: 8, target: "" };

/** An archive in pieces of a size, and the newline that ends it for us. */
function inputOf(bytes: Uint8Array, piece: number) {
  let at = 0;
  let rest: Uint8Array | undefined;
  const all = new Uint8Array([...bytes, 0x0a]);
  return {
    read: () => {
      if (at >= all.length) return Promise.resolve(undefined);
      at += piece;
      return Promise.resolve(all.subarray(at - piece, at));
    },
    unread: (bytes: Uint8Array) => rest = bytes,
    get rest() {
      return rest;
    },
  };
}

async function contents(
  bytes: Uint8Array,
  piece = 1000,
): Promise<[string, string, string?][]> {
  const input = inputOf(bytes, piece);
  const found: [string, string, string?][] = [];
  for await (const { name, content, sameAs } of readTar(input)) {
    let text = "";
    for await (const chunk of content) text += new TextDecoder().decode(chunk);
    found.push(sameAs === undefined ? [name, text] : [name, text, sameAs]);
  }
  assertEquals(input.rest?.[0], 0x0a);
  return found;
}

async function tar(...args: string[]): Promise<Uint8Array> {
  const { success, stdout } = await new Deno.Command("tar", {
    args,
    env: { LC_ALL: "C" },
  }).output();
  assertEquals(success, true);
  return stdout;
}

Deno.test("tar unpacks what tarHeader() writes, long names and numbers too", async () => {
  const folder = await Deno.makeTempDir();
  const long = `${"ü".repeat(60)}/${"n".repeat(200)}`;
  const members: [Partial<TarMember>, string][] = [
    [{ name: "a", kind: "file" }, "hello"],
    [{ name: long.split("/")[0]!, kind: "folder", mode: 0o750 }, ""],
    [{ name: long, kind: "file" }, "x".repeat(512)],
    [{ name: "l", kind: "link", target: "t".repeat(150) }, ""],
    [{ name: "b", kind: "file", uid: 3_000_000, gid: 4_000_000_000 }, ""],
  ];
  const parts: Uint8Array[] = [];
  for (const [member, text] of members) {
    const size = text.length;
    parts.push(
      tarHeader({ ...ABOUT, name: "", kind: "file", size, ...member }),
      new TextEncoder().encode(text),
      tarPadding(size),
    );
  }
  const path = join(folder, "a.tar");
  const archive = await new Blob([...parts, tarEnd()] as BlobPart[]).bytes();
  await Deno.writeFile(path, archive);
  const listed = new TextDecoder().decode(
    await tar("-tvf", path, "--numeric-owner", "--quoting-style=literal"),
  );
  assertEquals(
    /3000000\/4000000000 +0 2001-09-09 .* b$/m.test(listed),
    true,
    listed,
  );
  await tar("-xf", path, "-C", folder, "--no-same-owner");
  assertEquals(await Deno.readTextFile(join(folder, long)), "x".repeat(512));
  assertEquals(await Deno.readLink(join(folder, "l")), "t".repeat(150));
  assertEquals((await Deno.stat(join(folder, "a"))).mtime!.getTime(), 1e12);
  await Deno.remove(folder, { recursive: true });
});

for (const format of ["gnu", "pax", "ustar"]) {
  Deno.test(`readTar() reads what tar writes in the format ${format}, in any pieces`, async () => {
    const folder = await Deno.makeTempDir();
    const below = join(folder, "d".repeat(90));
    await Deno.mkdir(below);
    const expected: [string, string, string?][] = [];
    for (
      const [name, text] of [["a", "1"], ["e".repeat(90), "2".repeat(1024)], [
        "z",
        "",
      ]]
    ) {
      await Deno.writeTextFile(join(below, name!), text!);
      expected.push([`./${"d".repeat(90)}/${name}`, text!]);
    }
    await Deno.link(join(below, "a"), join(below, "zz"));
    expected.push([`./${"d".repeat(90)}/zz`, "", expected[0]![0]]);
    const names = expected.map(([name]) => name);
    const bytes = await tar(
      "-c",
      `--format=${format}`,
      "-C",
      folder,
      "-f",
      "-",
      ...names,
    );
    for (const piece of [1, 511, 512, 100_000]) {
      assertEquals(await contents(bytes, piece), expected);
    }
    const twice = new Uint8Array([...bytes, ...bytes]);
    assertEquals(await contents(twice), [...expected, ...expected]);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("readTar() refuses archives that are damaged or cut", async () => {
  const size = 5;
  const header = tarHeader({ ...ABOUT, name: "./a", kind: "file", size });
  const flipped = header.slice();
  flipped[3]! ^= 1;
  const longText = tarHeader({
    ...ABOUT,
    name: "x".repeat(101),
    kind: "file",
    size,
  });
  const endless = longText.slice(0, 512);
  endless.set(new TextEncoder().encode("77777777777"), 124);
  for (const bytes of [flipped, header, header.subarray(0, 100), endless]) {
    await assertRejects(() => contents(bytes), CallError);
  }
});

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { Hints } from "../../src/store/hints.ts";

async function withFile(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(join(folder, "hints.json"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const id = (number: number) => number.toString(16).padStart(64, "0");

Deno.test("gateOn() returns ids that were noted and saved before", () =>
  withFile(async (path) => {
    const hints = await Hints.open(path);
    hints.note("root@web1:22", [id(1), id(2)]);
    hints.note("root@web2:22", [id(1)]);
    await hints.save();
    const later = await Hints.open(path);
    assertEquals(later.gateOn("root@web1:22"), new Set([id(1), id(2)]));
    assertEquals(later.gateOn("root@web2:22"), new Set([id(1)]));
    assertEquals(later.gateOn("root@web3:22"), new Set());
  }));

Deno.test("note() adds ids of a host, and keeps the newest 16", () =>
  withFile(async (path) => {
    const hints = await Hints.open(path);
    for (let number = 0; number < 20; number++) hints.note("h", [id(number)]);
    hints.note("h", [id(4)]);
    const kept = [...hints.gateOn("h")];
    assertEquals(kept.length, 16);
    assertEquals(kept.at(-1), id(4));
    assertEquals(kept[0], id(5));
  }));

Deno.test("hosts with the same ids share a set, and each has its own later", () =>
  withFile(async (path) => {
    const hints = await Hints.open(path);
    hints.note("a", [id(1)]);
    hints.note("b", [id(1)]);
    assert(hints.gateOn("a") === hints.gateOn("b"));
    hints.note("b", [id(2)]);
    assertEquals(hints.gateOn("a"), new Set([id(1)]));
    assertEquals(hints.gateOn("b"), new Set([id(1), id(2)]));
  }));

Deno.test("a process that meets very many hosts keeps the newest", () =>
  withFile(async (path) => {
    const hints = await Hints.open(path);
    for (let i = 0; i <= 20_000; i++) hints.note(`h${i}`, [id(1)]);
    await hints.save();
    assertEquals(hints.gateOn("h0"), new Set());
    assertEquals(hints.gateOn("h1"), new Set([id(1)]));
  }));

Deno.test("save() keeps what another process saved in the meantime", () =>
  withFile(async (path) => {
    const one = await Hints.open(path);
    const other = await Hints.open(path);
    one.note("a", [id(1)]);
    other.note("b", [id(2)]);
    await one.save();
    await other.save();
    const both = await Hints.open(path);
    assertEquals(both.gateOn("a"), new Set([id(1)]));
    assertEquals(both.gateOn("b"), new Set([id(2)]));
  }));

Deno.test("save() writes nothing when nothing was noted", () =>
  withFile(async (path) => {
    await (await Hints.open(path)).save();
    assertEquals(await Deno.lstat(path).catch(() => null), null);
  }));

Deno.test("a damaged file has no hints, and is written again", () =>
  withFile(async (path) => {
    for (const damage of ["", "[]", '{"ids": 1}', '{"hosts": {"h": 3}}']) {
      await Deno.writeTextFile(path, damage);
      const hints = await Hints.open(path);
      assertEquals(hints.gateOn("h"), new Set(), damage);
      hints.note("h", [id(1)]);
      await hints.save();
      assertEquals((await Hints.open(path)).gateOn("h"), new Set([id(1)]));
    }
  }));

Deno.test("a host may be named like a property of objects", () =>
  withFile(async (path) => {
    const hints = await Hints.open(path);
    for (const name of ["__proto__", "constructor"]) hints.note(name, [id(1)]);
    await hints.save();
    const later = await Hints.open(path);
    assertEquals(later.gateOn("__proto__"), new Set([id(1)]));
    assertEquals(later.gateOn("constructor"), new Set([id(1)]));
  }));

Deno.test("hosts that were not seen for 60 days are forgotten", () =>
  withFile(async (path) => {
    const day = Math.floor(Date.now() / 86_400_000);
    const stored = {
      ids: [id(1)],
      hosts: { old: [day - 61, 0], new: [day, 0] },
    };
    await Deno.writeTextFile(path, JSON.stringify(stored));
    const hints = await Hints.open(path);
    hints.note("another", [id(1)]);
    await hints.save();
    const later = await Hints.open(path);
    assertEquals(later.gateOn("old"), new Set());
    assertEquals(later.gateOn("new"), new Set([id(1)]));
  }));

import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { openStore, type Store } from "../../src/store/store.ts";
import { need } from "../support/need.ts";

const root = need("root", Deno.uid() === 0 ? "/" : undefined);

const encode = (text: string) => new TextEncoder().encode(text);

async function idOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

async function withStore(test: (store: Store) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await test(await openStore(join(home, "ftl")));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function put(store: Store, text: string, daysAgo = 0): Promise<string> {
  const id = await idOf(encode(text));
  const path = await store.put("gates", id, encode(text));
  const time = new Date(Date.now() - daysAgo * 86_400_000);
  await Deno.utime(path, time, time);
  return id;
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}

const KEY = `archive-${"0".repeat(64)}`;

Deno.test("get() returns what was put, and undefined otherwise", () =>
  withStore(async (store) => {
    const id = await put(store, "gate");
    assertEquals(await store.get("gates", id), encode("gate"));
    assertEquals(await store.get("packs", id), undefined);
    assertEquals(await store.get("gates", "0".repeat(64)), undefined);
  }));

Deno.test("only the owner can read what was put", () =>
  withStore(async (store) => {
    const id = await put(store, "gate");
    await store.writeIndex(KEY, {});
    const modeOf = async (path: string) =>
      ((await Deno.stat(path)).mode ?? 0) & 0o777;
    assertEquals(await modeOf(store.path), 0o700);
    assertEquals(await modeOf(join(store.path, "gates")), 0o700);
    assertEquals(await modeOf(store.pathOf("gates", id)), 0o600);
    assertEquals(
      await modeOf(join(store.path, "index", `${KEY}.json`)),
      0o600,
    );
  }));

Deno.test({
  name: `files of another user are not read${root.suffix}`,
  ignore: root.ignore,
  fn: () =>
    withStore(async (store) => {
      const id = await put(store, "gate");
      await store.writeIndex(KEY, { gate: id });
      const index = join(store.path, "index", `${KEY}.json`);
      for (const path of [store.pathOf("gates", id), index]) {
        await Deno.chown(path, 4242, 4242);
      }
      assertEquals(await store.get("gates", id), undefined);
      assertEquals(await store.readIndex(KEY), undefined);
      await put(store, "gate");
      assertEquals(await store.get("gates", id), encode("gate"));
    }),
});

Deno.test("get() removes a damaged item, and returns undefined", () =>
  withStore(async (store) => {
    for (const damage of ["", "gat", "GATE"]) {
      const id = await put(store, "gate");
      await Deno.writeTextFile(store.pathOf("gates", id), damage);
      assertEquals(await store.get("gates", id), undefined);
      assertEquals(await store.list("gates"), []);
    }
  }));

Deno.test("put() refuses content with another hash than its id", () =>
  withStore(async (store) => {
    const id = await idOf(encode("gate"));
    await assertRejects(
      () => store.put("gates", id, encode("another")),
      TypeError,
      "another hash",
    );
    assertEquals(await store.list("gates"), []);
  }));

Deno.test("ids and keys cannot lead out of the store", () =>
  withStore(async (store) => {
    for (
      const id of [
        "",
        "..",
        "../../etc/passwd",
        `../${"0".repeat(64)}`,
        "A"
          .repeat(64),
        `${"0".repeat(64)}/x`,
        `${"0".repeat(64)}\n`,
      ]
    ) {
      await assertRejects(() => store.get("gates", id), TypeError);
      await assertRejects(() => store.put("packs", id, encode("")), TypeError);
      await assertRejects(() => store.remove("gates", id), TypeError);
      await assertRejects(() => store.readIndex(id), TypeError);
      await assertRejects(() => store.writeIndex(`a-${id}/`, 1), TypeError);
    }
  }));

Deno.test("put() leaves no unfinished files, even when many put the same at once", () =>
  withStore(async (store) => {
    const bytes = encode("gate ".repeat(100_000));
    const id = await idOf(bytes);
    const others = await Promise.all(
      Array.from({ length: 8 }, () => openStore(store.path)),
    );
    await Promise.all(others.map((other) => other.put("gates", id, bytes)));
    const names = await namesIn(join(store.path, "gates"));
    assertEquals(names, [`${id}.pyz`]);
    assertEquals(await store.get("gates", id), bytes);
  }));

Deno.test("put() leaves no files when it fails", () =>
  withStore(async (store) => {
    const id = await idOf(encode("gate"));
    await Deno.mkdir(store.pathOf("gates", id)); // a rename onto it fails
    await assertRejects(() => store.put("gates", id, encode("gate")));
    const names = await namesIn(join(store.path, "gates"));
    assertEquals(names, [`${id}.pyz`]);
  }));

Deno.test("list() returns the last used item first, and no foreign files", () =>
  withStore(async (store) => {
    const older = await put(store, "older", 5);
    const newer = await put(store, "newer", 2);
    for (const name of ["notes.txt", ".unfinished-x", "0".repeat(64)]) {
      await Deno.writeTextFile(join(store.path, "gates", name), "");
    }
    const items = await store.list("gates");
    assertEquals(items.map(({ id }) => id), [newer, older]);
    assertEquals(items[0]!.size, 5);
  }));

Deno.test("get() counts as a use", () =>
  withStore(async (store) => {
    const id = await put(store, "gate", 20);
    await store.get("gates", id);
    const [item] = await store.list("gates");
    assert(Date.now() - item!.used.getTime() < 3_600_000);
  }));

Deno.test("prune() removes items that are too old or too many, and returns them", () =>
  withStore(async (store) => {
    const kept = await put(store, "newest", 1);
    const tooMany = await put(store, "second", 2);
    const tooOld = await put(store, "old", 40);
    const removed = await store.prune({ maxAgeDays: 30, keep: 1 });
    assertEquals(removed.map(({ id }) => id).sort(), [tooMany, tooOld].sort());
    assertEquals((await store.list("gates")).map(({ id }) => id), [kept]);
  }));

Deno.test("prune() removes unfinished files of killed processes, but not of running ones", () =>
  withStore(async (store) => {
    const left = join(store.path, "gates", ".unfinished-1");
    const current = join(store.path, "gates", ".unfinished-2");
    await Deno.writeTextFile(left, "");
    await Deno.writeTextFile(current, "");
    const yesterday = new Date(Date.now() - 86_400_000);
    await Deno.utime(left, yesterday, yesterday);
    await store.prune({ maxAgeDays: 30, keep: 9 });
    const names = await namesIn(join(store.path, "gates"));
    assertEquals(names, [".unfinished-2"]);
  }));

Deno.test("prune() removes indexes that were not used for a long time", () =>
  withStore(async (store) => {
    await store.writeIndex(KEY, 1);
    const path = join(store.path, "index", `${KEY}.json`);
    const time = new Date(Date.now() - 40 * 86_400_000);
    await Deno.utime(path, time, time);
    await store.prune({ maxAgeDays: 30, keep: 9 });
    assertEquals(await store.readIndex(KEY), undefined);
  }));

Deno.test("readIndex() returns what was written, and undefined when it is damaged", () =>
  withStore(async (store) => {
    assertEquals(await store.readIndex(KEY), undefined);
    await store.writeIndex(KEY, { a: [1] });
    assertEquals(await store.readIndex(KEY), { a: [1] });
    const path = join(store.path, "index", `${KEY}.json`);
    for (const damage of ["", '{"a": [1', "\0\0\0"]) {
      await Deno.writeTextFile(path, damage);
      assertEquals(await store.readIndex(KEY), undefined);
    }
  }));

Deno.test("openStore() uses FTL_HOME, then ~/.ftl", async () => {
  const home = await Deno.makeTempDir();
  const code = `
    import { openStore } from ${
    JSON.stringify(new URL("../../src/store/store.ts", import.meta.url))
  };
    console.log((await openStore()).path);`;
  // Deno keeps its own cache below HOME, which is another one here.
  const DENO_DIR = Deno.env.get("DENO_DIR") ??
    join(Deno.env.get("HOME") ?? "/", ".cache", "deno");
  const run = async (env: Record<string, string>) => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", code],
      env: { FTL_HOME: "", DENO_DIR, ...env },
    }).output();
    return new TextDecoder().decode(stdout).trim();
  };
  try {
    assertEquals(
      await run({ HOME: home, FTL_HOME: join(home, "own") }),
      join(home, "own"),
    );
    assertEquals(await run({ HOME: home }), join(home, ".ftl"));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

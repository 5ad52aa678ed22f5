import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { HostResult } from "../../../src/core/call/call.ts";
import { SourceError } from "../../../src/errors.ts";
import { inWorld, mount, sh, type World } from "./world.ts";

function pushTest(name: string, test: (world: World) => Promise<void>): void {
  Deno.test(`a push ${name}`, () => inWorld(test));
}

const TREE = {
  a: "hello",
  empty: {},
  sub: {
    "ü ñ'\n\"$x": "odd",
    ["l".repeat(200)]: "long",
    link: ["../a"] as [string],
    dangling: ["nowhere"] as [string],
    [`-${"d".repeat(90)}`]: { [`e${"f".repeat(90)}`]: "deep" },
  },
};

/** The members of a result that is an object. */
function membersOf({ result }: HostResult): Record<string, unknown> {
  return result as Record<string, unknown>;
}

async function modeOf(path: string): Promise<string> {
  return ((await Deno.lstat(path)).mode! & 0o7777).toString(8);
}

pushTest("writes a file, and does not write it again", async (world) => {
  await world.make({ "f'1": "hello", out: {} });
  const args = { src: world.path("f'1"), dest: world.path("out", "g") };
  const first = await world.push(args);
  assertEquals(first.status, "changed");
  assertEquals(first.result, {
    changed: true,
    dest: world.path("out", "g"),
    files: 1,
    bytes: 5,
  });
  const second = await world.push(args);
  assertEquals([second.status, second.changed], ["ok", false]);
  assertEquals(await world.read("out"), { g: "hello" });
  await Deno.writeTextFile(world.path("f'1"), "hallo"); // as long as before
  assertEquals((await world.push(args)).status, "changed");
  assertEquals(await world.read("out"), { g: "hallo" });
});

pushTest(
  "of a file goes into an existing or a new folder",
  async (world) => {
    await world.make({ f: "hello", out: {} });
    const src = world.path("f");
    await world.push({ src, dest: world.path("out") });
    await world.push({ src, dest: `${world.path("new", "er")}/` });
    assertEquals(await world.read("out"), { f: "hello" });
    assertEquals(await world.read("new"), { er: { f: "hello" } });
  },
);

pushTest("of a folder takes files of any length", async (world) => {
  // Beside what is joined to packets, and what is read at a time.
  const lengths = [1, 65_536, 65_537, 80_000, 131_072, 131_073, 600_000];
  const src = Object.fromEntries(
    lengths.map((n) => [`${n}`, `${n} `.repeat(n).slice(0, n)]),
  );
  await world.make({ src, out: {} });
  const args = { src: world.path("src"), dest: world.path("out") };
  const { status, error } = await world.push(args);
  assertEquals([status, error], ["changed", null]);
  assertEquals(await world.read("out"), { src });
});

pushTest("creates no folder above DEST unless asked", async (world) => {
  await world.make({ f: "hello" });
  const args = { src: world.path("f"), dest: world.path("no", "such", "g") };
  const { status, error } = await world.push(args);
  assertEquals(status, "failed");
  assert(error!.message.includes("does not exist"), error!.message);
  assertEquals(error!.hint, "Create it with `parents`");
  assertEquals(
    (await world.push({ ...args, parents: true })).status,
    "changed",
  );
  assertEquals(await world.read("no"), { such: { g: "hello" } });
});

pushTest("keeps the mode of a file that it replaces", async (world) => {
  await world.make({ f: "new", g: "old", out: { x: "" } });
  await Deno.chmod(world.path("g"), 0o640);
  await Deno.chmod(world.path("f"), 0o755);
  await world.push({ src: world.path("f"), dest: world.path("g") });
  assertEquals(await modeOf(world.path("g")), "640");
  await world.push({ src: world.path("f"), dest: world.path("out") });
  const umask = Deno.umask();
  assertEquals(
    await modeOf(world.path("out", "f")),
    (0o755 & ~umask).toString(8),
  );
});

pushTest(
  "sets mode and times when asked, also of equal files",
  async (world) => {
    await world.make({ f: "same", g: "same" });
    const args = { src: world.path("f"), dest: world.path("g") };
    await Deno.utime(world.path("f"), 1_000_000_000, 1_000_000_000);
    await Deno.chmod(world.path("f"), 0o604);
    const kept = await world.push({ ...args, preserve: true });
    assertEquals([kept.status, (kept.result as { files: number }).files], [
      "changed",
      0,
    ]);
    assertEquals(await modeOf(world.path("g")), "604");
    assertEquals((await Deno.stat(world.path("g"))).mtime!.getTime(), 1e12);
    assertEquals((await world.push({ ...args, preserve: true })).status, "ok");
    assertEquals(
      (await world.push({ ...args, mode: "0444" })).status,
      "changed",
    );
    assertEquals(await modeOf(world.path("g")), "444");
    assertEquals((await world.push({ ...args, mode: "0444" })).status, "ok");
  },
);

pushTest(
  "of a folder carries every kind of name, and only what differs",
  async (world) => {
    await world.make({ src: TREE, out: {} });
    await Deno.chmod(world.path("src", "a"), 0o755);
    const args = { src: world.path("src"), dest: world.path("out") };
    const first = await world.push(args);
    assertEquals(first.error, null);
    assertEquals(await world.read("out"), { src: TREE });
    assertEquals(
      await modeOf(world.path("out", "src", "a")),
      (0o755 & ~Deno.umask()).toString(8),
    );
    assertEquals((await world.push(args)).status, "ok");
    await Deno.writeTextFile(world.path("src", "sub", "new"), "1");
    await Deno.writeTextFile(world.path("src", "a"), "HELLO");
    await Deno.remove(world.path("out", "src", "sub", "link"));
    await Deno.writeTextFile(world.path("out", "src", "mine"), "stays");
    const second = await world.push(args);
    assertEquals((second.result as { files: number }).files, 3);
    assertEquals(await world.read("out"), {
      src: {
        ...TREE,
        a: "HELLO",
        mine: "stays",
        sub: { ...TREE.sub, new: "1" },
      },
    });
  },
);

pushTest("of SRC/ puts the content of the folder into DEST", async (world) => {
  await world.make({ src: TREE, out: { mine: "stays" } });
  await world.push({ src: `${world.path("src")}/`, dest: world.path("out") });
  assertEquals(await world.read("out"), { ...TREE, mine: "stays" });
  await world.push({
    src: `${world.path("src")}/`,
    dest: world.path("new", "er"),
  });
  assertEquals(await world.read("new"), { er: TREE });
});

pushTest("of a folder keeps modes and times when asked", async (world) => {
  await world.make({ src: { sub: { f: "1" } }, out: { sub: { f: "1" } } });
  await Deno.chmod(world.path("src", "sub"), 0o751);
  await Deno.chmod(world.path("src", "sub", "f"), 0o4711);
  await Deno.utime(world.path("src", "sub", "f"), 1e9, 1e9);
  const args = {
    src: `${world.path("src")}/`,
    dest: world.path("out"),
    preserve: true,
  };
  assertEquals((await world.push(args)).status, "changed");
  assertEquals(await modeOf(world.path("out", "sub")), "751");
  assertEquals(await modeOf(world.path("out", "sub", "f")), "4711");
  assertEquals(
    (await Deno.stat(world.path("out", "sub", "f"))).mtime!.getTime(),
    1e12,
  );
  assertEquals((await world.push(args)).status, "ok");
});

pushTest("replaces a link, and never its target", async (world) => {
  await world.make({ f: "new", real: "old", link: ["real"] });
  await world.push({ src: world.path("f"), dest: world.path("link") });
  assertEquals(await world.read("."), { f: "new", real: "old", link: "new" });
});

pushTest(
  "does not replace a folder by a file, nor a file by a folder",
  async (world) => {
    await world.make({
      src: { x: "1", y: {} },
      a: { x: {} },
      b: { y: "file" },
      f: "1",
      c: { f: {} },
    });
    for (const dest of ["a", "b"]) {
      const { status, error } = await world.push({
        src: `${world.path("src")}/`,
        dest: world.path(dest),
      });
      assertEquals(status, "failed");
      assert(error!.message.startsWith("Cannot write "), error!.message);
    }
    const { error } = await world.push({
      src: world.path("f"),
      dest: world.path("c"),
    });
    assert(error!.message.includes("a folder is there"), error!.message);
    assertEquals(await world.read("a"), { x: {} });
    assertEquals(await world.read("b"), { y: "file" });
  },
);

pushTest("contacts no host when SRC is absent or not a file", async (world) => {
  await world.make({ src: { ok: "1" } });
  const dest = world.path("out");
  await assertRejects(
    () => world.push({ src: world.path("nope"), dest }),
    SourceError,
    "no such file",
  );
  await new Deno.Command("mkfifo", { args: [world.path("src", "pipe")] })
    .output();
  await assertRejects(
    () => world.push({ src: world.path("src"), dest }),
    SourceError,
    "a device, a socket or a pipe",
  );
});

pushTest(
  "in check mode tells what it would write, and writes nothing",
  async (world) => {
    await world.make({
      f: "1",
      src: { a: "1", b: { c: "2" } },
      dest: { a: "1" },
    });
    const before = await world.read(".");
    const file = { src: world.path("f"), dest: world.path("g") };
    const one = await world.push(file, { check: true });
    assertEquals([one.status, one.result], ["changed", {
      changed: true,
      dest: world.path("g"),
      files: 1,
      bytes: 1,
      would_write: [world.path("g")],
    }]);
    const folder = { src: `${world.path("src")}/`, dest: world.path("dest") };
    const all = await world.push(folder, { check: true });
    assertEquals(membersOf(all).would_write, ["b/c"]);
    const modes = { ...file, dest: world.path("dest", "a"), mode: "0600" };
    assertEquals((await world.push(modes, { check: true })).changed, true);
    assertEquals(await world.read("."), before);
    assertEquals(await modeOf(world.path("dest", "a")), "644");
    await world.push(folder);
    const again = await world.push(folder, { check: true });
    assertEquals([again.status, again.changed], ["ok", false]);
  },
);

pushTest(
  "with diff shows the text of files before and after",
  async (world) => {
    await world.make({
      src: { a: "new\n", same: "x", bin: "\0b", b: { "c d": "c\n" } },
      dest: { a: "old\n", same: "x", bin: "\0a" },
    });
    const args = { src: `${world.path("src")}/`, dest: world.path("dest") };
    for (const check of [true, false]) {
      const { diff } = membersOf(await world.push(args, { check, diff: true }));
      const header = (name: string) => ({
        before_header: world.path("dest", name),
        after_header: world.path("dest", name),
      });
      assertEquals(diff, [
        { ...header("a"), before: "old\n", after: "new\n" },
        { ...header("b/c d"), before: "", after: "c\n" },
        { ...header("bin"), src_binary: 1 },
      ]);
    }
    await world.make({ f: "1\n", g: "2\n" });
    const file = { src: world.path("f"), dest: world.path("g") };
    const { diff } = membersOf(await world.push(file, { diff: true }));
    assertEquals((diff as { before: string }[])[0]!.before, "2\n");
  },
);

pushTest(
  "with delete removes what the source lacks, and nothing outside",
  async (world) => {
    await world.make({
      src: { a: "1", sub: { b: "2", "ü '\n": "odd" } },
      outside: { secret: "mine" },
      dest: {
        a: "0",
        old: "x",
        "-rf": "x",
        "ö\n'": { deep: { er: "x" }, link: ["../../outside"] as [string] },
        link: ["../outside"] as [string],
        sub: { c: "x", "*": "x", empty: {} },
        ".ftl-0123456789abcdef0123456789abcdef": { new: "of another push" },
      },
    });
    const args = {
      src: `${world.path("src")}/`,
      dest: world.path("dest"),
      delete: true,
    };
    const before = await world.read(".");
    const planned = await world.push(args, { check: true });
    assertEquals(await world.read("."), before);
    const result = await world.push(args);
    const { deleted } = membersOf(result);
    assertEquals(membersOf(planned).deleted, deleted);
    assertEquals((deleted as string[]).toSorted(), [
      "-rf",
      "link",
      "old",
      "sub/*",
      "sub/c",
      "sub/empty/",
      "ö\n'/",
      "ö\n'/deep/",
      "ö\n'/deep/er",
      "ö\n'/link",
    ]);
    assertEquals(await world.read("dest"), {
      a: "1",
      sub: { b: "2", "ü '\n": "odd" },
      ".ftl-0123456789abcdef0123456789abcdef": { new: "of another push" },
    });
    assertEquals(await world.read("outside"), { secret: "mine" });
    const again = await world.push(args);
    assertEquals([again.status, membersOf(again).deleted], ["ok", undefined]);
  },
);

pushTest("says of each list of paths what it leaves out", async (world) => {
  const many = (prefix: string, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`${prefix}${i}`, ""]),
    );
  await world.make({ src: many("new", 1002), dest: many("old", 1003) });
  const args = {
    src: `${world.path("src")}/`,
    dest: world.path("dest"),
    delete: true,
  };
  for (const check of [true, false]) {
    const result = membersOf(await world.push(args, { check, verbosity: 1 }));
    const written = check ? "would_write" : "sent";
    assertEquals((result[written] as string[]).length, 1000);
    assertEquals(result[`${written}_count`], 1002);
    assertEquals((result.deleted as string[]).length, 1000);
    assertEquals(result.deleted_count, 1003);
    assertEquals(result.warnings, [
      `${written} lists the first 1000 of 1002 paths`,
      "deleted lists the first 1000 of 1003 paths",
    ]);
  }
});

pushTest("with delete of a named folder keeps its neighbors", async (world) => {
  await world.make({ src: { a: "1" }, dest: { other: "x", src: { b: "x" } } });
  await world.push({
    src: world.path("src"),
    dest: world.path("dest"),
    delete: true,
  });
  assertEquals(await world.read("dest"), { other: "x", src: { a: "1" } });
});

// In check mode only: were the folder not refused, it would be emptied.
pushTest(
  "with delete refuses the login folder, HOME, and folders above them",
  async (world) => {
    await world.make({ src: { "ftl-test-a": "1" }, f: "1" });
    const src = `${world.path("src")}/`;
    for (
      const dest of ["/", "~", ".", "..", "/usr/..", `${Deno.cwd()}/src/..`]
    ) {
      const result = await world.push({ src, dest, delete: true }, {
        check: true,
      });
      assertEquals([dest, result.status], [dest, "failed"]);
      assertMatch(result.error!.message, /it is or holds the login folder/);
    }
    const file = { src: world.path("f"), dest: world.path("g"), delete: true };
    await assertRejects(
      () => world.push(file, { check: true }),
      SourceError,
      "it is not a folder",
    );
  },
);

Deno.test({
  name:
    `a push with delete leaves another file system alone, and says so${mount.suffix}`,
  ignore: mount.ignore,
  fn: () =>
    inWorld(async (world) => {
      await world.make({
        src: { a: "1" },
        dest: { busy: { x: "" }, gone: "" },
      });
      const busy = world.path("dest", "busy");
      await sh(`mount -t tmpfs none '${busy}'&&echo mine >'${busy}/y'`);
      try {
        const result = await world.push({
          src: `${world.path("src")}/`,
          dest: world.path("dest"),
          delete: true,
        });
        assertEquals(result.status, "failed");
        assertMatch(`${membersOf(result).msg}`, /Cannot remove busy from /);
        assertEquals(await world.read("dest"), {
          a: "1",
          busy: { y: "mine\n" },
        });
      } finally {
        await sh(`umount '${busy}'`);
      }
    }),
});

Deno.test({
  name:
    `a push to a full disk says so, and leaves what was there${mount.suffix}`,
  ignore: mount.ignore,
  fn: () =>
    inWorld(async (world) => {
      await world.make({
        big: "x".repeat(3_000_000),
        disk: {},
        src: { big: "y".repeat(3_000_000) },
      });
      await sh(`mount -t tmpfs -o size=1m tmpfs ${world.path("disk")}`);
      try {
        await Deno.writeTextFile(world.path("disk", "big"), "old");
        for (const src of ["big", "src"]) {
          const { status, error } = await world.push({
            src: world.path(src),
            dest: world.path("disk"),
          });
          assertEquals(status, "failed");
          assert(error!.message.endsWith("its disk is full"), error!.message);
        }
        assertEquals(await world.read("disk"), { big: "old" });
        await sh(`mount -o remount,ro ${world.path("disk")}`);
        const { error } = await world.push({
          src: world.path("big"),
          dest: world.path("disk"),
        });
        assert(
          error!.message.endsWith("its file system is read-only"),
          error!.message,
        );
      } finally {
        await sh(`umount ${world.path("disk")}`);
      }
    }),
});

pushTest(
  "of a file that changes during the push fails with that reason",
  async (world) => {
    await world.make({ out: { big: "old" } });
    const src = world.path("big");
    using file = await Deno.open(src, { create: true, write: true });
    const isAbout = async () => (await names(world)).length > 1;
    await file.truncate(2 ** 40);
    const pushed = world.push({ src, dest: world.path("out") });
    while (!await isAbout());
    await file.truncate(1_000);
    const { status, error } = await pushed;
    assertEquals([status, error?.message], [
      "failed",
      `Cannot push ${src}: it changed while it was read`,
    ]);
    while (await isAbout());
    assertEquals(await world.read("out"), { big: "old" });
  },
);

async function names(world: World): Promise<string[]> {
  return await Array.fromAsync(
    Deno.readDir(world.path("out")),
    ({ name }) => name,
  );
}

pushTest("that fails never runs content as commands", async (world) => {
  const line = `touch ${world.path("harm")}\n`;
  await world.make({ f: line.repeat(100_000), out: { d: "" } });
  const dest = world.path("out", "d", "f");
  const { status } = await world.push({
    src: world.path("f"),
    dest,
    parents: true,
  });
  assertEquals(status, "failed");
  // The host has read what it wanted of it long ago.
  await world.push({ src: world.path("out", "d"), dest: world.path("other") });
  assertEquals(Object.keys(await world.read(".")).sort(), [
    "f",
    "other",
    "out",
  ]);
});

pushTest(
  "names what is not UTF-8, even beside a name with U+FFFD",
  async (world) => {
    for (
      const [name, make] of [
        ["plain", `echo x >"$p"`],
        ["beside", `echo x >"$p"; echo y >"$(printf 'a\\357\\277\\275')"`],
        ["target", `ln -s "$p" link`],
      ] as const
    ) {
      await world.make({ [name]: { ok: "1" }, out: {} });
      await sh(`cd '${world.path(name)}'; p=$(printf 'a\\377'); ${make}`);
      const args = { src: world.path(name), dest: world.path("out") };
      const what = name === "target" ? "the link's target" : "its name";
      await assertRejects(
        () => world.push(args),
        SourceError,
        `${what} is not UTF-8`,
      );
      assertEquals(await world.read("out"), {});
    }
    await world.make({ real: { "a\ufffd": "1" } });
    await world.push({ src: world.path("real"), dest: world.path("out") });
    assertEquals(await world.read("out"), { real: { "a\ufffd": "1" } });
  },
);

pushTest("never replaces a pipe or a device", async (world) => {
  await world.make({ d: { f: "hello" }, out: {} });
  const pipe = world.path("out", "f");
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  for (
    const args of [
      { src: world.path("d", "f"), dest: pipe },
      { src: world.path("d", "f"), dest: world.path("out") },
      { src: `${world.path("d")}/`, dest: world.path("out") },
    ]
  ) {
    const { status, error } = await world.push(args);
    assertEquals(status, "failed");
    assertMatch(
      error!.message,
      /out\/f: a device, a socket or a pipe is there/,
    );
  }
  assertEquals((await Deno.lstat(pipe)).isFifo, true);
});

import { assert, assertEquals } from "@std/assert";
import type { JsonObject } from "../../../src/protocol/message.ts";
import { inWorld, mount, sh, type World } from "../push/world.ts";

function fetchTest(name: string, test: (world: World) => Promise<void>): void {
  Deno.test(`a fetch ${name}`, () => inWorld(test));
}

const TREE = {
  a: "hello",
  empty: {},
  sub: {
    "ü ñ'\n\"$x": "odd",
    ["l".repeat(200)]: "long",
    link: ["../a"] as [string],
    [`-${"d".repeat(90)}`]: { [`e${"f".repeat(90)}`]: "deep" },
  },
};

async function modeOf(path: string): Promise<string> {
  return ((await Deno.lstat(path)).mode! & 0o7777).toString(8);
}

fetchTest(
  "takes a file into the host's folder, and not again",
  async (world) => {
    await world.make({ "f'1": "hello" });
    const args = { src: world.path("f'1"), dest: world.path("out") };
    const first = await world.fetch(args);
    assertEquals([first.status, first.error], ["changed", null]);
    assertEquals(await world.read("out"), { here: { "f'1": "hello" } });
    assertEquals((await world.fetch(args)).status, "ok");
    await Deno.writeTextFile(world.path("f'1"), "hallo");
    assertEquals((await world.fetch(args)).status, "changed");
    assertEquals(await world.read("out"), { here: { "f'1": "hallo" } });
  },
);

fetchTest("takes files of any length", async (world) => {
  // Beside what a host reads at a time, and what is written at a time here.
  const lengths = [0, 1, 131_072, 131_073, 524_288, 3_000_001];
  const all = Object.fromEntries(
    lengths.map((n) => [`${n}`, `${n} `.repeat(n).slice(0, n)]),
  );
  await world.make(all);
  for (const name of Object.keys(all)) {
    const { error } = await world.fetch({
      src: world.path(name),
      dest: world.path("out"),
    });
    assertEquals(error, null);
  }
  assertEquals(await world.read("out"), { here: all });
});

Deno.test({
  name: `a fetch to a full disk says so, and leaves nothing${mount.suffix}`,
  ignore: mount.ignore,
  fn: () =>
    inWorld(async (world) => {
      await world.make({ big: "x".repeat(3_000_000), out: { here: {} } });
      const disk = world.path("out", "here");
      await sh(`mount -t tmpfs -o size=1m tmpfs ${disk}`);
      try {
        const { status, error } = await world.fetch({
          src: world.path("big"),
          dest: world.path("out"),
        });
        assertEquals(status, "failed");
        assert(error!.message.endsWith("the disk is full"), error!.message);
        assertEquals(await world.read("out"), { here: {} });
      } finally {
        await sh(`umount ${disk}`);
      }
    }),
});

fetchTest("makes two files of hard links", async (world) => {
  const a = Array.from({ length: 300_000 }, (_, i) => i).join(" ");
  await world.make({ src: { a } });
  await Deno.link(world.path("src", "a"), world.path("src", "b"));
  const args = { src: world.path("src"), dest: world.path("out") };
  assertEquals((await world.fetch(args)).error, null);
  assertEquals(await world.read("out"), { here: { src: { a, b: a } } });
});

fetchTest("takes of a file that grows what it was", async (world) => {
  const src = world.path("log");
  await Deno.writeTextFile(src, "line\n".repeat(200_000));
  using file = await Deno.open(src, { append: true });
  let isDone = false;
  const growing = (async () => {
    while (!isDone) await file.write(new Uint8Array(1_000));
  })();
  const { status, error, result } = await world.fetch({
    src,
    dest: world.path("out"),
  });
  isDone = true;
  await growing;
  assertEquals([status, error], ["changed", null]);
  const { size } = await Deno.stat(world.path("out", "here", "log"));
  assertEquals(size, (result as { bytes: number }).bytes);
  assert(size < (await file.stat()).size);
});

fetchTest(
  "takes a folder with every kind of name, and only what differs",
  async (world) => {
    await world.make({ src: TREE });
    const args = { src: world.path("src"), dest: world.path("out") };
    const first = await world.fetch(args);
    assertEquals([first.status, first.error], ["changed", null]);
    assertEquals(await world.read("out"), { here: { src: TREE } });
    assertEquals((await world.fetch(args)).status, "ok");
    await Deno.writeTextFile(world.path("src", "a"), "HELLO");
    await Deno.writeTextFile(world.path("src", "new"), "1");
    const second = await world.fetch({
      ...args,
      src: `${args.src}/`,
      dest: `${args.dest}2`,
    });
    assertEquals(second.error, null);
    const third = await world.fetch(args);
    assertEquals((third.result as { files: number }).files, 2);
    const now = { ...TREE, a: "HELLO", new: "1" };
    assertEquals(await world.read("out"), { here: { src: now } });
    assertEquals(await world.read("out2"), { here: now });
  },
);

fetchTest("takes two names of one file as two files", async (world) => {
  await world.make({ src: { a: "same" } });
  await Deno.link(world.path("src", "a"), world.path("src", "b"));
  await world.fetch({ src: world.path("src"), dest: world.path("out") });
  assertEquals(await world.read("out"), {
    here: { src: { a: "same", b: "same" } },
  });
});

fetchTest(
  "keeps permissions and times when asked, but no rights of its owner",
  async (world) => {
    await world.make({ src: { f: "1" } });
    await Deno.chmod(world.path("src", "f"), 0o4705);
    await Deno.utime(world.path("src", "f"), 1e9, 1e9);
    const out = world.path("out", "here", "src", "f");
    const args = { src: world.path("src"), dest: world.path("out") };
    await world.fetch(args);
    assertEquals(await modeOf(out), (0o705 & ~Deno.umask()).toString(8));
    assertEquals(
      (await world.fetch({ ...args, preserve: true })).status,
      "changed",
    );
    assertEquals(await modeOf(out), "705");
    assertEquals((await Deno.stat(out)).mtime!.getTime(), 1e12);
    assertEquals((await world.fetch({ ...args, preserve: true })).status, "ok");
  },
);

fetchTest("leaves out links that lead out, and says so", async (world) => {
  await world.make({
    src: {
      abs: ["/etc/passwd"],
      up: ["../x"],
      sub: { down: ["../sub/../../x"], ok: ["../f"] },
      f: "1",
    },
  });
  const { status, result } = await world.fetch({
    src: world.path("src"),
    dest: world.path("out"),
  });
  assertEquals(status, "changed");
  assertEquals((result as { warnings: string[] }).warnings.length, 3);
  assertEquals(await world.read("out"), {
    here: { src: { sub: { ok: ["../f"] }, f: "1" } },
  });
});

fetchTest(
  "never writes through a link that is in its folder",
  async (world) => {
    await world.make({
      src: { sub: { f: "new" } },
      elsewhere: { f: "old" },
      out: { here: { src: {} } },
    });
    await Deno.symlink(
      world.path("elsewhere"),
      world.path("out", "here", "src", "sub"),
    );
    const { status, error } = await world.fetch({
      src: world.path("src"),
      dest: world.path("out"),
    });
    assertEquals(status, "failed");
    assert(error!.message.endsWith("a link is there"), error!.message);
    assertEquals(await world.read("elsewhere"), { f: "old" });
  },
);

fetchTest("names what it received, with a pattern too", async (world) => {
  await world.make({ logs: { "a.log": "1", b: { c: "2" } } });
  const result = await world.fetch({
    src: world.path("logs", "*"),
    dest: world.path("out"),
  }, { verbosity: 1 });
  assertEquals((result.result as JsonObject).received, ["a.log", "b/c"]);
});

fetchTest("says why there is nothing to take", async (world) => {
  await world.make({ f: "12345" });
  const dest = world.path("out");
  const absent = await world.fetch({ src: world.path("no*"), dest });
  assertEquals(absent.status, "failed");
  assert(absent.error!.message.endsWith("no file or folder that matches"));
  const plain = await world.fetch({ src: world.path("no"), dest });
  assert(plain.error!.message.endsWith("there is no such file or folder"));
  const large = await world.fetch({ src: world.path("f"), dest, max_size: 4 });
  assert(
    large.error!.message.includes("5 bytes are more than the 4"),
    large.error!.message,
  );
  await new Deno.Command("mkfifo", { args: [world.path("pipe")] }).output();
  const pipe = await world.fetch({ src: world.path("pipe"), dest });
  assert(pipe.error!.message.includes("a pipe"), pipe.error!.message);
  assertEquals(await world.read("out"), {});
});

fetchTest(
  "fails by name for what is not UTF-8, and takes everything else",
  async (world) => {
    await world.make({ src: { ok: "1", sub: {} } });
    await sh(
      `cd '${world.path("src")}'
      p=$(printf 'a\\351\\377'); echo x >"$p"; ln -s "$p" link
      mkdir "sub/$p"; echo y >"sub/$p/in"`,
    );
    const { status, result } = await world.fetch({
      src: world.path("src"),
      dest: world.path("out"),
    });
    assertEquals(status, "failed");
    const { msg } = result as { msg: string };
    assert(msg.startsWith("Left out what is not UTF-8: "), msg);
    for (const name of ["a\\xe9\\xff", "link (its target)"]) {
      assert(msg.includes(name), msg);
    }
    assert(msg.includes("sub/a\\xe9\\xff/in"), msg);
    assertEquals(await world.read("out"), {
      here: { src: { ok: "1", sub: {} } },
    });
  },
);

fetchTest("expands patterns, and nothing else in them", async (world) => {
  await world.make({
    "a b": {
      x: { "e.log": "1", "f.log": "no" },
      "y '\n": { "e.log": "2" },
      "$(touch harm)": { "e.log": "3" },
      ".hidden": { "e.log": "no" },
      z: "not a folder",
    },
  });
  const src = world.path("a b", "*", "[!f].log");
  const args = { src, dest: world.path("out") };
  const first = await world.fetch(args);
  assertEquals([first.status, first.error], ["changed", null]);
  assertEquals(first.result, {
    changed: true,
    dest: world.path("out", "here"),
    files: 3,
    bytes: 3,
  });
  assertEquals(await world.read("out"), {
    here: {
      x: { "e.log": "1" },
      "y '\n": { "e.log": "2" },
      "$(touch harm)": { "e.log": "3" },
    },
  });
  assertEquals((await world.fetch(args)).status, "ok");
  const folders = { src: world.path("a b", "?"), dest: world.path("two") };
  await world.fetch(folders);
  assertEquals(await world.read("two"), {
    here: { x: { "e.log": "1", "f.log": "no" }, z: "not a folder" },
  });
});

fetchTest("takes hidden files by a pattern", async (world) => {
  await world.make({ d: { ".a": "1", b: "2" } });
  const dest = world.path("out");
  await world.fetch({ src: world.path("d", ".*"), dest });
  assertEquals(await world.read("out"), { here: { ".a": "1" } });
});

fetchTest(
  "takes a file whose name is the pattern itself, alone",
  async (world) => {
    await world.make({ "a*": "star", ab: "other", "`id`*;id": "odd" });
    const dest = world.path("out");
    await world.fetch({ src: world.path("a*"), dest });
    await world.fetch({ src: world.path("`id`*;*"), dest });
    assertEquals(await world.read("out"), {
      here: { "a*": "star", "`id`*;id": "odd" },
    });
  },
);

fetchTest(
  "by a pattern goes on after a path that cannot be taken",
  async (world) => {
    await world.make({ d: { a: "1", c: "3" } });
    await new Deno.Command("mkfifo", { args: [world.path("d", "b")] }).output();
    const result = await world.fetch({
      src: world.path("d", "*"),
      dest: world.path("out"),
    });
    assertEquals(result.status, "failed");
    const { msg } = result.result as { msg: string };
    assert(msg.endsWith("it is a device, a socket or a pipe"), msg);
    assertEquals(await world.read("out"), { here: { a: "1", c: "3" } });
  },
);

fetchTest(
  "in check mode names what it would write, and writes nothing",
  async (world) => {
    await world.make({ src: { a: "1", sub: { b: "2", same: "x" } } });
    const args = { src: world.path("src"), dest: world.path("out") };
    const fetch = (check: boolean) => world.fetch(args, { check });
    const first = await fetch(true);
    assertEquals([first.status, first.result], ["changed", {
      changed: true,
      dest: world.path("out", "here", "src"),
      files: 3,
      bytes: 3,
      would_write: ["src/a", "src/sub/b", "src/sub/same"],
    }]);
    assert(await Deno.stat(world.path("out")).then(() => false, () => true));
    await fetch(false);
    assertEquals((await fetch(true)).status, "ok");
    await Deno.writeTextFile(world.path("src", "sub", "b"), "3");
    const { result } = await fetch(true);
    assertEquals((result as { would_write: string[] }).would_write, [
      "src/sub/b",
    ]);
    assertEquals(await world.read("out"), {
      here: { src: { a: "1", sub: { b: "2", same: "x" } } },
    });
  },
);

fetchTest(
  "of a file in check mode writes nothing, and meets what is in the way",
  async (world) => {
    await world.make({ f: "1", "g*": "2", out: { here: { f: { x: "" } } } });
    const check = (src: string) =>
      world.fetch({ src: world.path(src), dest: world.path("out") }, {
        check: true,
      });
    const { error } = await check("f");
    assert(error!.message.endsWith("a folder is there"), error!.message);
    const { status, result } = await check("[g]*");
    const { would_write } = result as { would_write: string[] };
    assertEquals(status, "changed");
    assert(would_write.includes("g*"), `${would_write}`);
    assertEquals(await world.read("out"), { here: { f: { x: "" } } });
  },
);

fetchTest("never replaces a pipe or a device", async (world) => {
  await world.make({ d: { f: "hello" }, out: { here: { d: {} } } });
  const pipes = [
    world.path("out", "here", "f"),
    world.path("out", "here", "d", "f"),
  ];
  await new Deno.Command("mkfifo", { args: pipes }).output();
  for (const src of [world.path("d", "f"), world.path("d")]) {
    const { status, error } = await world.fetch({
      src,
      dest: world.path("out"),
    });
    assertEquals(status, "failed");
    assert(
      error!.message.includes("a device, a socket or a pipe is there"),
      error!.message,
    );
  }
  for (const pipe of pipes) {
    assertEquals((await Deno.lstat(pipe)).isFifo, true);
  }
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { CACHED_V8_FLAGS } from "../../../scripts/compile/bundle.ts";
import { type Need, need, needProgram } from "../../support/need.ts";
import { makePortableFile, type PortableFile } from "./portable_file.ts";

const busybox = needProgram("busybox");
const shellcheck = needProgram("shellcheck");
const root = need("root", Deno.uid() === 0 ? "/" : undefined);
const SHELLS = [
  ["dash"],
  ["bash"],
  ["zsh", "--emulate", "sh"],
  ["zsh"],
] as const;
const linux = need("Linux", Deno.build.os === "linux" ? "/" : undefined);
const mounting = need("right to mount", canMount() ? "/" : undefined);

function canMount(): boolean {
  if (Deno.uid() !== 0) return false;
  return new Deno.Command("unshare", { args: ["-m", "true"] })
    .outputSync().success;
}

/** Where it unpacks itself when nothing speaks against it. */
function cacheOf({ home }: PortableFile): string {
  return join(home, ".cache/ftl");
}

/** The folder of the one runtime that is unpacked below a folder. */
async function runtimeIn(folder: string): Promise<string> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const names = entries.map(({ name }) => name);
  assertEquals(names.length, 1, `not one runtime: ${names}`);
  return join(folder, names[0]!);
}

async function modeOf(path: string): Promise<string> {
  return ((await Deno.stat(path)).mode! & 0o777).toString(8);
}

/** A new folder of a mode, whatever the umask. */
async function makeFolder(path: string, mode: number): Promise<string> {
  await Deno.mkdir(path);
  await Deno.chmod(path, mode);
  return path;
}

/** A command that mounts a small file system at `folder`, then goes on. */
function mounted(folder: string, options: string): string[] {
  const script = 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"';
  return ["unshare", "-m", "sh", "-c", script, "sh", options, folder];
}

Deno.test("the binary unpacks itself below ~/.cache, for its owner alone, and passes its arguments", async () => {
  await using file = await makePortableFile();
  const { code, stdout, stderr } = await file.run({ args: ["a b", "c'd"] });
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^last word: c'd$/m);
  const place = await runtimeIn(cacheOf(file));
  assertMatch(stdout, new RegExp(`^cache: ${place}/cache$`, "m"));
  for (const path of [cacheOf(file), place, join(place, "deno")]) {
    assertEquals(await modeOf(path), "700", path);
  }
});

Deno.test("the binary's runtime gets V8's flags and all permissions", async () => {
  await using file = await makePortableFile();
  const { stdout } = await file.run();
  const flags = `--allow-all --v8-flags=${CACHED_V8_FLAGS.join(",")}`;
  assertMatch(stdout, new RegExp(`^all words: run .* ${flags} /`, "m"));
});

Deno.test("the binary unpacks itself once", async () => {
  await using file = await makePortableFile();
  await file.run();
  const place = await runtimeIn(cacheOf(file));
  const before = await Deno.stat(join(place, "deno"));
  await file.run();
  const after = await Deno.stat(join(await runtimeIn(cacheOf(file)), "deno"));
  assertEquals(after.ino, before.ino);
});

Deno.test("the program runs with the caller's umask", async () => {
  await using file = await makePortableFile();
  const wrapper = ["sh", "-c", 'umask 0027; exec "$@"', "sh"];
  assertMatch((await file.run({ wrapper })).stdout, /^umask: 0027$/m);
});

Deno.test("FTL_RUNTIME_DIR is used first, and is created", async () => {
  await using file = await makePortableFile();
  const chosen = join(file.folder, "chosen/below");
  await file.run({ env: { FTL_RUNTIME_DIR: chosen } });
  assertEquals(await file.list(chosen), ["ftl-runtime-ID"]);
  assertEquals(await file.list(file.home), []);
});

Deno.test("a HOME that is a link is used", async () => {
  await using file = await makePortableFile();
  const link = join(file.folder, "link");
  await Deno.symlink(file.home, link);
  for (let start = 1; start <= 2; start++) {
    assertEquals((await file.run({ env: { HOME: link } })).code, 0);
  }
  assertEquals(await file.list(cacheOf(file)), ["ftl-runtime-ID"]);
});

Deno.test("a folder that others can write to is skipped", async () => {
  await using file = await makePortableFile();
  const shared = await makeFolder(join(file.folder, "shared"), 0o777);
  await file.run({ env: { FTL_RUNTIME_DIR: shared } });
  assertEquals(await file.list(shared), []);
  assertEquals(await file.list(cacheOf(file)), ["ftl-runtime-ID"]);
});

Deno.test("a folder that others can replace is skipped", async () => {
  await using file = await makePortableFile();
  const shared = await makeFolder(join(file.folder, "shared"), 0o770);
  const inner = await makeFolder(join(shared, "inner"), 0o700);
  await file.run({ env: { FTL_RUNTIME_DIR: inner } });
  assertEquals(await file.list(inner), []);
});

Deno.test("a runtime is not run after its folder was opened to others", async () => {
  await using file = await makePortableFile();
  const chosen = await makeFolder(join(file.folder, "chosen"), 0o700);
  const env = { FTL_RUNTIME_DIR: chosen };
  assertMatch((await file.run({ env })).stdout, /chosen/);
  await Deno.chmod(chosen, 0o775);
  assertMatch((await file.run({ env })).stdout, /home\/\.cache\/ftl/);
});

Deno.test({
  name: `a folder of another user is skipped${root.suffix}`,
  ignore: root.ignore,
  fn: async () => {
    await using file = await makePortableFile();
    const theirs = await makeFolder(join(file.folder, "theirs"), 0o700);
    await Deno.chown(theirs, 4242, 4242);
    await file.run({ env: { FTL_RUNTIME_DIR: theirs } });
    assertEquals(await file.list(theirs), []);
  },
});

Deno.test({
  name:
    `links that others have put in shared folders are not followed${mounting.suffix}`,
  ignore: mounting.ignore,
  fn: async () => {
    await using file = await makePortableFile();
    await makeFolder(join(file.folder, "ours"), 0o755);
    // A folder of ours that nobody else can write to, and yet not to be used.
    const script =
      'mount --bind "$1" /mnt && mount -t tmpfs none /tmp && chmod 1777 /tmp && ' +
      "mount --bind /tmp /var/tmp && " +
      'ln -s /mnt/ours "/tmp/ftl-$(id -u)" && exec /mnt/ftl';
    const { code, stderr } = await file.run({
      env: { HOME: "/dev/null" },
      wrapper: ["unshare", "-m", "sh", "-c", script, "sh", file.folder],
    });
    assertEquals(code, 2);
    assertMatch(stderr, /\/var\/tmp\/ftl-0: it is a link$/m);
    assertMatch(stderr, /\/tmp\/ftl-0: it is a link$/m);
    assertEquals(await file.list(join(file.folder, "ours")), []);
  },
});

Deno.test("simultaneous starts all succeed and leave one runtime", async () => {
  await using file = await makePortableFile();
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, () => file.run()),
  );
  for (const { code, stdout, stderr } of outcomes) {
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^last word: hello$/m);
  }
  const place = await runtimeIn(cacheOf(file));
  const inside = ["app", "deno", "sums", "used"];
  assertEquals(await file.list(place), inside);
});

Deno.test("a killed unpacking is repeated, and its remains are removed after an hour", async () => {
  await using file = await makePortableFile();
  const tools = join(file.folder, "tools");
  await Deno.mkdir(tools);
  // A tar that unpacks, and ends everybody before the folder gets its name.
  await Deno.writeTextFile(
    join(tools, "tar"),
    `#!/bin/sh\n/bin/tar "$@"\nkill -9 0\n`,
    { mode: 0o755 },
  );
  const PATH = `${tools}:${Deno.env.get("PATH")}`;
  const killed = await file.run({ env: { PATH }, wrapper: ["setsid", "-w"] });
  assert(killed.code !== 0);
  const [left] = await file.list(cacheOf(file));
  assertMatch(left!, /^\.ftl-unpacking-/);

  assertEquals((await file.run()).code, 0);
  assertEquals(await file.list(cacheOf(file)), [left, "ftl-runtime-ID"]);

  const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
  await Deno.utime(join(cacheOf(file), left!, "used"), hoursAgo, hoursAgo);
  const place = join(cacheOf(file), (await names(cacheOf(file)))[1]!);
  await Deno.remove(place, { recursive: true });
  assertEquals((await file.run()).code, 0);
  assertEquals(await file.list(cacheOf(file)), ["ftl-runtime-ID"]);
});

async function names(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}

Deno.test("an incomplete runtime is not run, and another is unpacked", async (t) => {
  const damages: [what: string, harm: (place: string) => Promise<void>][] = [
    ["a runtime cut short", (place) => Deno.truncate(join(place, "deno"), 9)],
    ["an empty file", (place) => Deno.truncate(join(place, "app/OTHER.js"), 0)],
    ["a missing file", (place) => Deno.remove(join(place, "app/main.js"))],
  ];
  for (const [what, harm] of damages) {
    await t.step(what, async () => {
      await using file = await makePortableFile();
      await file.run();
      await harm(await runtimeIn(cacheOf(file)));
      for (let start = 1; start <= 2; start++) {
        const { code, stdout } = await file.run();
        assertEquals(code, 0);
        assertMatch(stdout, /^cache: .*-2\/cache$/m);
      }
    });
  }
});

Deno.test("runtimes that were not used for a month are removed when one is unpacked", async () => {
  await using file = await makePortableFile();
  const cache = cacheOf(file);
  const [old, recent] = ["0", "1"].map((digit) =>
    join(cache, `ftl-runtime-${digit.repeat(32)}`)
  );
  for (const [folder, days] of [[old!, 40], [recent!, 20]] as const) {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, "used"), "");
    const then = new Date(Date.now() - days * 86_400_000);
    await Deno.utime(join(folder, "used"), then, then);
  }
  await file.run();
  assertEquals((await names(cache)).length, 2);
  assert((await names(cache)).includes(recent!.slice(cache.length + 1)));
});

Deno.test({
  name: `a folder without space is skipped${mounting.suffix}`,
  ignore: mounting.ignore,
  fn: async () => {
    await using file = await makePortableFile();
    const small = await makeFolder(join(file.folder, "small"), 0o700);
    const { code, stdout, stderr } = await file.run({
      env: { FTL_RUNTIME_DIR: small },
      wrapper: mounted(small, "size=8k,mode=700"),
    });
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /home\/\.cache\/ftl/);
  },
});

Deno.test({
  name: `a folder where programs may not run is skipped${mounting.suffix}`,
  ignore: mounting.ignore,
  fn: async () => {
    await using file = await makePortableFile();
    const noexec = await makeFolder(join(file.folder, "noexec"), 0o700);
    const { code, stdout, stderr } = await file.run({
      env: { FTL_RUNTIME_DIR: noexec },
      wrapper: mounted(noexec, "noexec,mode=700"),
    });
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /home\/\.cache\/ftl/);
  },
});

Deno.test({
  name:
    `a truncated file is reported, with every folder that was tried${mounting.suffix}`,
  ignore: mounting.ignore,
  fn: async () => {
    await using file = await makePortableFile();
    await Deno.truncate(file.path, 16384 + 300);
    // Keeps the shared folders clean.
    const script = 'mount --bind "$1" /mnt && mount -t tmpfs none /tmp && ' +
      "mount -t tmpfs none /var/tmp && exec /mnt/ftl";
    const { code, stderr } = await file.run({
      wrapper: ["unshare", "-m", "sh", "-c", script, "sh", file.folder],
      env: { HOME: "/mnt/home", FTL_RUNTIME_DIR: "/mnt/chosen" },
    });
    assertEquals(code, 2);
    assertMatch(
      stderr,
      /^ftl: Cannot unpack the program: no folder is usable/,
    );
    assertMatch(stderr, /chosen: .*\/ftl is damaged; download it again/);
    assertMatch(stderr, /\.cache\/ftl: .*is damaged/);
    assertMatch(stderr, /Set FTL_RUNTIME_DIR to a folder of your own/);
  },
});

Deno.test({
  name: `a runtime with wrong sums is not run${mounting.suffix}`,
  ignore: mounting.ignore,
  fn: async () => {
    await using file = await makePortableFile();
    const tools = join(file.folder, "tools");
    await Deno.mkdir(tools);
    // A tar that changes a byte of what it unpacks, and keeps its size.
    await Deno.writeTextFile(
      join(tools, "tar"),
      `#!/bin/sh\n/bin/tar "$@"\nprintf x | dd of=deno conv=notrunc 2>/dev/null\n`,
      { mode: 0o755 },
    );
    // Keeps the shared folders clean.
    const script = 'mount --bind "$1" /mnt && mount -t tmpfs none /tmp && ' +
      "mount -t tmpfs none /var/tmp && exec /mnt/ftl";
    const { code, stderr } = await file.run({
      env: { HOME: "/mnt/home", PATH: `/mnt/tools:${Deno.env.get("PATH")}` },
      wrapper: ["unshare", "-m", "sh", "-c", script, "sh", file.folder],
    });
    assertEquals(code, 2, stderr);
    assertEquals(await file.list(file.home), []);
  },
});

Deno.test("variables that steer Deno, Node, V8, OpenTelemetry and Rust do not reach the runtime, and others do", async (t) => {
  const foreign = {
    NODE_OPTIONS: "--require /evil.js",
    NODE_CHANNEL_FD: "7",
    DENO_V8_FLAGS: "--trace-gc",
    DENO_COVERAGE_DIR: "/tmp/coverage",
    OTEL_DENO: "true",
    RUST_LOG: "debug",
    ICU_DATA: "/evil",
    COMPLETE: "bash",
    DENO_QUOTED: "it's\nDENO_INSIDE=1",
  };
  const own = {
    FTL_HOME: "/x",
    SSH_AUTH_SOCK: "/a b",
    MY_NODE_OPTIONS: "kept",
    LINES_OF_TEXT: "one\nNODE_OPTIONS=two",
  };
  await using file = await makePortableFile(`#!/bin/sh\nenv -0\n`);
  for (const [shell, ...options] of SHELLS) {
    const { ignore, suffix, path } = needProgram(shell);
    await t.step({
      name: [shell, ...options].join(" ") + suffix,
      ignore,
      fn: async () => {
        const { stdout } = await file.run({
          env: { ...foreign, ...own },
          wrapper: [path, ...options],
        });
        const variables = new Map(
          stdout.split("\0").map((line) => {
            const cut = line.indexOf("=");
            return [line.slice(0, cut), line.slice(cut + 1)];
          }),
        );
        for (const name of Object.keys(foreign)) {
          assert(!variables.has(name), name);
        }
        for (const [name, value] of Object.entries(own)) {
          assertEquals(variables.get(name), value);
        }
      },
    });
  }
});

/** A program for this machine, changed to be one for another. */
async function makeForeignProgram(
  change: (bytes: Uint8Array<ArrayBuffer>) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile("/bin/true");
  change(bytes);
  return bytes;
}

/** Replaces a text in a program by one of the same length. */
function replace(bytes: Uint8Array, from: string, to: string): void {
  const at = new TextDecoder("latin1").decode(bytes).indexOf(from);
  assert(at > 0, from);
  bytes.set(new TextEncoder().encode(to), at);
}

Deno.test({
  name:
    "a runtime that cannot run here says why in one sentence, and leaves nothing",
  ignore: Deno.build.os !== "linux",
  fn: async (t) => {
    const programs: [
      what: string,
      runtime: string | Uint8Array<ArrayBuffer>,
      said: RegExp,
    ][] = [
      [
        "an old glibc",
        await makeForeignProgram((bytes) =>
          replace(bytes, "\0GLIBC_2.34\0", "\0GLIBC_2.99\0")
        ),
        /: it needs glibc 2\.99 or later$/m,
      ],
      [
        "a library that is absent",
        '#!/bin/sh\necho "$0: error while loading shared libraries: libgcc_s.so.1: cannot open shared object file" >&2\nexit 127\n',
        /: this system lacks the library libgcc_s\.so\.1$/m,
      ],
      [
        "another C library",
        await makeForeignProgram((bytes) =>
          replace(bytes, "ld-linux", "ld-musl_")
        ),
        /: it needs glibc, and this system has another C library$/m,
      ],
      [
        "another machine",
        await makeForeignProgram((bytes) => {
          bytes[18] = Deno.build.arch === "aarch64" ? 62 : 183;
        }),
        /: it was made for Linux \w+, and this is Linux \w+$/m,
      ],
      [
        "a runtime that ends",
        "#!/bin/sh\necho 'Fatal thing' >&2\nexit 9\n",
        /: the runtime ended with status 9: Fatal thing$/m,
      ],
    ];
    for (const [what, runtime, said] of programs) {
      await using file = await makePortableFile(runtime);
      for (const [shell, ...options] of SHELLS) {
        const { ignore, suffix, path } = needProgram(shell);
        await t.step({
          name: `${what}, in ${[shell, ...options].join(" ")}${suffix}`,
          ignore,
          fn: async () => {
            const { code, stderr } = await file.run({
              wrapper: [path, ...options],
            });
            assertMatch(stderr, /^ftl: Cannot run the program: .*\n$/);
            assertMatch(stderr, said);
            assertEquals(code, 2);
            assertEquals(await file.list(file.home), []);
          },
        });
      }
    }
  },
});

Deno.test("names a file size limit that is too low", async () => {
  await using file = await makePortableFile(
    `#!/bin/sh\n# ${"x".repeat(9000)}\n`,
  );
  await Deno.mkdir(join(file.home, "other"));
  const { code, stderr } = await file.run({
    wrapper: ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh"],
  });
  assertMatch(
    stderr,
    /cache\/ftl: the file size limit \(ulimit -f\) is too low$/m,
  );
  assertEquals(code, 2);
  assertEquals(await file.list(file.home), ["other"]);
});

Deno.test({
  name: "names what would make the runtime crash at its start",
  ignore: linux.ignore,
  fn: async (t) => {
    await using file = await makePortableFile();
    const gone = join(file.folder, "gone");
    const cases: [what: string, script: string, said: RegExp, needs?: Need][] =
      [
        ["few open files", "ulimit -n 20", /: at most 20 files may be open/],
        [
          "little memory",
          "ulimit -v 30000000",
          /: the memory limit \(ulimit -v\) is 30000 MB$/m,
        ],
        [
          "a removed working folder",
          `mkdir ${gone} && cd ${gone} && rmdir ${gone}`,
          /: the working folder was removed$/m,
        ],
        ["no /proc", "umount -l /proc", /: \/proc is not mounted$/m, mounting],
      ];
    for (const [what, script, said, needs] of cases) {
      for (const [shell, ...options] of SHELLS) {
        const { ignore, suffix, path } = needProgram(shell);
        const words = ["sh", "-c", `${script} && exec "$@"`, "sh"];
        await t.step({
          name: `${what}, in ${[shell, ...options].join(" ")}${suffix}${
            needs?.suffix ?? ""
          }`,
          ignore: ignore || needs?.ignore === true,
          fn: async () => {
            const unshare = needs ? ["unshare", "-m"] : [];
            const { code, stderr } = await file.run({
              wrapper: [...unshare, ...words, path, ...options],
            });
            // A shell may complain about the folder, too.
            assertMatch(stderr, /^ftl: Cannot start: .*\n {5}\S.*\n$/m);
            assertMatch(stderr, said);
            assertEquals(code, 2);
          },
        });
      }
    }
  },
});

Deno.test("a missing tool is named", async (t) => {
  await using file = await makePortableFile();
  const tools = ["ls", "tar", "gzip", "dd", "id"];
  for (const missing of tools) {
    await t.step(missing, async () => {
      const folder = join(file.folder, `without-${missing}`);
      await Deno.mkdir(folder);
      for (const name of [...tools, "chmod", "mkdir", "mv", "rm"]) {
        if (name === missing) continue;
        await Deno.symlink(needProgram(name).path, join(folder, name));
      }
      const { code, stderr } = await file.run({
        env: { PATH: folder },
        wrapper: [needProgram("sh").path],
      });
      assertEquals([code, stderr], [
        2,
        `ftl: Cannot start: ${missing} is not in PATH\n` +
        `     Install ${missing}\n`,
      ]);
    });
  }
});

Deno.test("one of several simultaneous starts unpacks, and the others wait for it", async () => {
  await using file = await makePortableFile();
  const tools = join(file.folder, "tools");
  await Deno.mkdir(tools);
  const log = join(file.folder, "log");
  await Deno.writeTextFile(
    join(tools, "tar"),
    `#!/bin/sh\necho unpacked >>${log}\nexec /bin/tar "$@"\n`,
    { mode: 0o755 },
  );
  const env = { PATH: `${tools}:${Deno.env.get("PATH")}` };
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, () => file.run({ env })),
  );
  for (const { code } of outcomes) assertEquals(code, 0);
  assertEquals(await Deno.readTextFile(log), "unpacked\n");
  assertEquals(await file.list(cacheOf(file)), ["ftl-runtime-ID"]);
});

Deno.test({
  name: `a runtime in use is not removed, however old${linux.suffix}`,
  ignore: linux.ignore,
  fn: async () => {
    await using file = await makePortableFile();
    const place = join(cacheOf(file), `ftl-runtime-${"0".repeat(32)}`);
    await Deno.mkdir(place, { recursive: true });
    await Deno.copyFile(needProgram("sleep").path, join(place, "deno"));
    const child = new Deno.Command(join(place, "deno"), { args: ["60"] })
      .spawn();
    const then = new Date(Date.now() - 40 * 86_400_000);
    await Deno.writeTextFile(join(place, "used"), "");
    await Deno.utime(join(place, "used"), then, then);
    try {
      assertEquals((await file.run()).code, 0);
      assertEquals((await names(cacheOf(file))).length, 2);
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
  },
});

Deno.test({
  name: `root with the HOME of a user leaves nothing in it${root.suffix}`,
  ignore: root.ignore,
  fn: async () => {
    await using file = await makePortableFile();
    await Deno.chown(file.home, 4242, 4242);
    const chosen = join(file.folder, "chosen");
    await makeFolder(chosen, 0o700);
    await Deno.chown(chosen, 4242, 4242);
    const own = await makeFolder(join(file.folder, "own"), 0o755);
    const { code, stdout } = await file.run({
      env: { FTL_RUNTIME_DIR: join(chosen, "below/it") },
      wrapper: [
        ...["unshare", "-m", "sh", "-c"],
        'mount --bind "$1" /var/tmp && shift && exec "$@"',
        ...["sh", own],
      ],
    });
    assertEquals(code, 0);
    assertMatch(stdout, /^cache: \/var\/tmp\/ftl-0\//m);
    assertEquals(await file.list(file.home), []);
    assertEquals(await file.list(chosen), []);
  },
});

Deno.test({
  name:
    `a runtime that root unpacked and opened is used by all, while no other can write to it${mounting.suffix}`,
  ignore: mounting.ignore,
  fn: async () => {
    await using file = await makePortableFile();
    await Deno.chmod(file.folder, 0o755);
    const shared = join(file.folder, "shared");
    await file.run({ env: { FTL_RUNTIME_DIR: shared } });
    const place = await runtimeIn(shared);
    await new Deno.Command("chmod", { args: ["-R", "go+rX", shared] }).output();
    const start = () =>
      file.run({
        env: { FTL_RUNTIME_DIR: shared },
        wrapper: [
          ...["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
        ],
      });
    await Deno.chown(file.home, 65534, 65534);
    const { stdout } = await start();
    assertMatch(stdout, new RegExp(`^all words: .* ${place}/app/main.js`, "m"));
    // Compiled code is the user's own.
    assertMatch(stdout, /^cache: .*\/home\/\.cache\/ftl\/.*-code$/m);
    const own = /^all words: .*\/home\/\.cache\/ftl\/\S+\/app\/main\.js/m;
    for (const part of ["deno", "app", "app/main.js", "app/OTHER.js"]) {
      await Deno.chmod(join(place, part), 0o777);
      assertMatch((await start()).stdout, own, part);
      await Deno.chmod(join(place, part), 0o755);
    }
    await Deno.chown(join(place, "app/OTHER.js"), 4242, 4242);
    assertMatch((await start()).stdout, own);
  },
});

for (const [shell, ...options] of SHELLS) {
  const { ignore, suffix, path } = needProgram(shell);
  Deno.test({
    name: `the head runs in ${[shell, ...options].join(" ")}${suffix}`,
    ignore,
    fn: async () => {
      await using file = await makePortableFile();
      for (let start = 1; start <= 2; start++) {
        const { code, stdout, stderr } = await file.run({
          wrapper: [path, ...options],
        });
        assertEquals([code, stderr], [0, ""]);
        assertMatch(stdout, /^last word: hello$/m);
      }
    },
  });
}

Deno.test({
  name: `the head runs with busybox, and nothing else${busybox.suffix}`,
  ignore: busybox.ignore,
  fn: async () => {
    await using file = await makePortableFile();
    const tools = join(file.folder, "tools");
    await Deno.mkdir(tools);
    await new Deno.Command(busybox.path, {
      args: ["--install", "-s", tools],
    }).output();
    for (let start = 1; start <= 2; start++) {
      const { code, stderr } = await file.run({
        wrapper: [busybox.path, "sh"],
        env: { PATH: tools },
      });
      assertEquals([code, stderr], [0, ""]);
    }
    assertEquals(await file.list(cacheOf(file)), ["ftl-runtime-ID"]);
  },
});

Deno.test({
  name:
    `shellcheck finds nothing in the scripts of the project${shellcheck.suffix}`,
  ignore: shellcheck.ignore,
  fn: async () => {
    const folder = new URL("../../../scripts/", import.meta.url).pathname;
    const scripts = [
      "compile/head.sh",
      "install.sh",
      "setup_cores.sh",
      "setup_roots.sh",
    ];
    const { stdout } = await new Deno.Command(shellcheck.path, {
      args: scripts.map((name) => join(folder, name)),
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "");
  },
});

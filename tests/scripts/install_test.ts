// scripts/install.sh with a stand-in for the binary, without a signature, which is
// tested in release_test.ts; tests/e2e/airgap_test.ts installs the real one.
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { fromFileUrl, join, relative } from "@std/path";
import { need, needProgram } from "../support/need.ts";

const SCRIPT = fromFileUrl(
  new URL("../../scripts/install.sh", import.meta.url),
);
const root = need("root", Deno.uid() === 0 ? "/" : undefined);
const mounting = need("right to mount", canMount() ? "/" : undefined);

function canMount(): boolean {
  if (Deno.uid() !== 0) return false;
  return new Deno.Command("unshare", { args: ["-m", "true"] })
    .outputSync().success;
}

/** A download folder, and a machine to install from it on. */
interface Place extends AsyncDisposable {
  readonly folder: string;
  readonly downloads: string;
  readonly home: string;
  /** Puts a version of the binary into the download folder, with its sum. */
  bring(version: string): Promise<void>;
  install(options?: {
    args?: readonly string[];
    env?: Record<string, string>;
    wrapper?: readonly string[];
  }): Promise<{ code: number; stdout: string; stderr: string }>;
  /** All files and folders below one; folders end with a slash. */
  tree(below: string): Promise<string[]>;
}

async function makePlace(): Promise<Place> {
  const folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o755);
  const [downloads, home] = [join(folder, "downloads"), join(folder, "home")];
  await Deno.mkdir(downloads);
  await Deno.mkdir(home);
  await Deno.copyFile(SCRIPT, join(downloads, "install.sh"));
  const place: Place = {
    folder,
    downloads,
    home,
    bring: async (version) => {
      const text = `#!/bin/sh
case $1 in
  --version) echo "ftl ${version}" ;;
  *) echo "ftl ${version}: $*" ;;
esac
`;
      const path = join(downloads, "ftl");
      await Deno.writeTextFile(path, text, { mode: 0o644 });
      const digest = await crypto.subtle.digest(
        "SHA-256",
        await Deno.readFile(path),
      );
      await Deno.writeTextFile(
        join(downloads, "SHA256SUMS"),
        `${new Uint8Array(digest).toHex()}  ftl\n`,
      );
    },
    install: async ({ args = [], env = {}, wrapper = [] } = {}) => {
      const words = [
        ...[...wrapper, "sh", join(downloads, "install.sh")],
        ...["--unsigned", ...args],
      ];
      const { code, stdout, stderr } = await new Deno.Command(words[0]!, {
        args: words.slice(1),
        clearEnv: true,
        env: { HOME: home, PATH: Deno.env.get("PATH")!, ...env },
        cwd: folder,
      }).output();
      const text = new TextDecoder();
      return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
    },
    tree: async (below) => {
      const names: string[] = [];
      const walk = async (path: string) => {
        for await (const { name, isDirectory } of Deno.readDir(path)) {
          const inner = join(path, name);
          names.push(relative(below, inner) + (isDirectory ? "/" : ""));
          if (isDirectory) await walk(inner);
        }
      };
      await walk(below);
      return names.sort();
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
  await place.bring("1.0");
  return place;
}

const FILES = [
  "bin/ftl",
  "share/bash-completion/completions/ftl",
  "share/fish/vendor_completions.d/ftl.fish",
  "share/ftl/installed",
  "share/man/man1/ftl.1",
  "share/man/man7/ftl-console.7",
  "share/man/man7/ftl-inventory.7",
  "share/man/man7/ftl-jobs.7",
  "share/man/man7/ftl-modules.7",
  "share/man/man7/ftl-patterns.7",
  "share/zsh/site-functions/_ftl",
];

function filesOf(tree: readonly string[]): string[] {
  return tree.filter((name) => !name.endsWith("/"));
}

Deno.test("install.sh installs binary, manual page and completions, and removes exactly these", async () => {
  await using place = await makePlace();
  const prefix = join(place.folder, "a prefix");
  await Deno.mkdir(join(prefix, "bin"), { recursive: true });
  await Deno.writeTextFile(join(prefix, "bin/other"), "");
  const before = await place.tree(prefix);
  const args = ["--prefix", prefix];

  const { code, stdout, stderr } = await place.install({ args });
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, `ftl 1.0 is installed below ${prefix}`);
  const placed = await place.tree(prefix);
  assertEquals(filesOf(placed), [...FILES, "bin/other"].sort());
  const mode = (await Deno.stat(join(prefix, "bin/ftl"))).mode! & 0o777;
  assertEquals(mode, 0o755);
  const page = await Deno.readTextFile(join(prefix, "share/man/man1/ftl.1"));
  assertEquals(page, "ftl 1.0: man\n");

  const removed = await place.install({ args: [...args, "--uninstall"] });
  assertEquals([removed.code, removed.stderr], [0, ""]);
  assertEquals(await place.tree(prefix), before);
  const again = await place.install({ args: [...args, "--uninstall"] });
  assertEquals(again.code, 1);
  assertStringIncludes(again.stderr, "it is not installed below");
});

Deno.test("install.sh upgrades its installation, and still removes all of it", async () => {
  await using place = await makePlace();
  const env = { PREFIX: join(place.folder, "new/prefix") };
  await place.install({ env });
  await place.bring("2.0");
  const { code, stdout } = await place.install({ env });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "ftl 2.0 is installed");
  const args = ["--uninstall"];
  assertEquals((await place.install({ env, args })).stderr, "");
  assertEquals(await place.tree(place.folder), [
    "downloads/",
    "downloads/SHA256SUMS",
    "downloads/ftl",
    "downloads/install.sh",
    "home/",
  ]);
});

Deno.test("install.sh keeps changed files, and overwrites no foreign ones", async () => {
  await using place = await makePlace();
  const prefix = join(place.folder, "prefix");
  const args = ["--prefix", prefix];
  await place.install({ args });
  const page = join(prefix, "share/man/man1/ftl.1");
  await Deno.writeTextFile(page, "mine\n");
  const removed = await place.install({ args: [...args, "--uninstall"] });
  assertMatch(removed.stderr, /kept .*ftl\.1: it was changed$/m);
  assertEquals(filesOf(await place.tree(prefix)), ["share/man/man1/ftl.1"]);

  const refused = await place.install({ args });
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /ftl\.1: another file is already there/);
  assertEquals(await Deno.readTextFile(page), "mine\n");
});

Deno.test("install.sh installs nothing when it cannot install everything", async () => {
  await using place = await makePlace();
  const prefix = join(place.folder, "prefix");
  const theirs = join(prefix, "share/fish/vendor_completions.d");
  await Deno.mkdir(theirs, { recursive: true });
  await Deno.writeTextFile(join(theirs, "ftl.fish"), "# mine\n");
  const before = await place.tree(prefix);
  const { code, stderr } = await place.install({ args: ["--prefix", prefix] });
  assertEquals(code, 1);
  assertMatch(stderr, /ftl\.fish: another file is already there$/m);
  assertEquals(await place.tree(prefix), before);
  // The list of installed files could not be read back.
  const split = await place.install({ args: ["--prefix", `${prefix}\nx`] });
  assertEquals(split.code, 1);
  assertMatch(split.stderr, /Cannot use the prefix: it contains a line break/);
});

Deno.test("install.sh refuses a binary that does not match the sums", async (t) => {
  const cases: [what: string, sums: string, said: RegExp][] = [
    [
      "another sum",
      `${"0".repeat(64)}  ftl\n`,
      /its sum differs from the one in .*SHA256SUMS/,
    ],
    ["no sum of it", `${"0".repeat(64)}  other\n`, /it is not in .*SHA256SUMS/],
  ];
  for (const [what, sums, said] of cases) {
    await t.step(what, async () => {
      await using place = await makePlace();
      await Deno.writeTextFile(join(place.downloads, "SHA256SUMS"), sums);
      const prefix = join(place.folder, "prefix");
      const { code, stderr } = await place.install({
        args: ["--prefix", prefix],
      });
      assertEquals(code, 1);
      assertMatch(stderr, said);
      assertEquals(await Deno.stat(prefix).catch(() => "none"), "none");
    });
  }
});

Deno.test("install.sh refuses a binary without sums, except with --unchecked", async () => {
  await using place = await makePlace();
  await Deno.remove(join(place.downloads, "SHA256SUMS"));
  const prefix = join(place.folder, "prefix");
  const args = ["--prefix", prefix];
  const binary = join(place.downloads, "ftl");
  for (const more of [[], ["--binary", binary]]) {
    const { code, stderr } = await place.install({ args: [...args, ...more] });
    assertEquals(code, 1);
    assertMatch(stderr, /Cannot check .*ftl: there is no SHA256SUMS beside it/);
    assertEquals(await Deno.stat(prefix).catch(() => "none"), "none");
  }
  const loose = await place.install({ args: [...args, "--unchecked"] });
  assertEquals(loose.code, 1);
  assertMatch(loose.stderr, /--unchecked requires --binary/);
  const told = await place.install({
    args: [...args, "--binary", binary, "--unchecked"],
  });
  assertEquals([told.code, told.stderr], [0, ""]);
});

Deno.test("install.sh uses no binary outside its own folder", async () => {
  await using place = await makePlace();
  await Deno.rename(join(place.downloads, "ftl"), join(place.folder, "ftl"));
  await Deno.mkdir(join(place.folder, "dist"));
  for (const name of ["ftl", "ftl-linux-x64", "ftl-linux-arm64"]) {
    await Deno.copyFile(
      join(place.folder, "ftl"),
      join(place.folder, "dist", name),
    );
  }
  const { code, stderr } = await place.install({
    args: ["--prefix", join(place.folder, "prefix")],
  });
  assertEquals(code, 1);
  assertMatch(stderr, /Cannot find the binary: neither .* nor ftl is beside/);
});

Deno.test({
  name:
    `install.sh refuses a binary or sums that another user put beside it${root.suffix}`,
  ignore: root.ignore,
  fn: async (t) => {
    for (const name of ["ftl", "SHA256SUMS"]) {
      await t.step(name, async () => {
        await using place = await makePlace();
        const args = ["--prefix", join(place.folder, "prefix")];
        await Deno.chown(join(place.downloads, name), 4242, 4242);
        const { code, stderr } = await place.install({ args });
        assertEquals(code, 1);
        assertMatch(stderr, /Cannot use .*: it belongs to user 4242$/m);
        // All of a download is its user's, as under sudo.
        for (const each of ["ftl", "SHA256SUMS", "install.sh"]) {
          await Deno.chown(join(place.downloads, each), 4242, 4242);
        }
        assertEquals((await place.install({ args })).code, 0);
      });
    }
  },
});

Deno.test("install.sh installs the copy that it checked, even if the download changes", async () => {
  await using place = await makePlace();
  const tools = join(place.folder, "tools");
  await Deno.mkdir(tools);
  const real = needProgram("sha256sum").path;
  await Deno.writeTextFile(
    join(tools, "sha256sum"),
    `#!/bin/sh\n${real} "$@"\necho 'echo evil' >${place.downloads}/ftl\n`,
    { mode: 0o755 },
  );
  const prefix = join(place.folder, "prefix");
  const { code, stdout } = await place.install({
    args: ["--prefix", prefix],
    env: { PATH: `${tools}:${Deno.env.get("PATH")}` },
  });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "ftl 1.0 is installed");
  const placed = await Deno.readTextFile(join(prefix, "bin/ftl"));
  assert(!placed.includes("evil"));
});

Deno.test({
  name:
    `install.sh works where programs may not run from /tmp${mounting.suffix}`,
  ignore: mounting.ignore,
  fn: async () => {
    await using place = await makePlace();
    const noexec = join(place.folder, "noexec");
    await Deno.mkdir(noexec);
    const script = 'mount -t tmpfs -o noexec none "$1" && shift && exec "$@"';
    const { code, stderr } = await place.install({
      args: ["--prefix", join(place.folder, "prefix")],
      env: { TMPDIR: noexec },
      wrapper: ["unshare", "-m", "sh", "-c", script, "sh", noexec],
    });
    assertEquals([code, stderr], [0, ""]);
  },
});

Deno.test({
  name:
    `install.sh runs nothing from a TMPDIR or HOME in which another user can replace folders${root.suffix}`,
  ignore: root.ignore,
  fn: async (t) => {
    for (
      const [what, uid, mode] of [
        ["another user's", 4242, 0o755],
        ["one that everybody can write to", 0, 0o777],
      ] as const
    ) {
      await t.step(what, async () => {
        await using place = await makePlace();
        const shared = join(place.folder, "shared");
        await Deno.mkdir(shared);
        await Deno.chmod(shared, mode);
        await Deno.chown(shared, uid, uid);
        const [tools, log] = [join(place.folder, "tools"), `${shared}.log`];
        await Deno.mkdir(tools);
        const real = needProgram("mktemp").path;
        await Deno.writeTextFile(
          join(tools, "mktemp"),
          `#!/bin/sh\necho "$@" >>${log}\nexec ${real} "$@"\n`,
          { mode: 0o755 },
        );
        const { code, stderr } = await place.install({
          args: ["--prefix", join(place.folder, "prefix")],
          env: {
            PATH: `${tools}:${Deno.env.get("PATH")}`,
            TMPDIR: shared,
            HOME: shared,
          },
        });
        assertEquals([code, stderr], [0, ""]);
        const made = await Deno.readTextFile(log);
        assertMatch(made, /^-d \/tmp\/ftl-install/);
        assert(!made.includes(shared), made);
      });
    }
  },
});

Deno.test({
  name:
    `install.sh refuses a download that other users can exchange${root.suffix}`,
  ignore: root.ignore,
  fn: async () => {
    await using place = await makePlace();
    await Deno.chmod(place.downloads, 0o777);
    const args = ["--prefix", join(place.folder, "prefix")];
    const { code, stderr } = await place.install({ args });
    assertEquals(code, 1);
    assertMatch(stderr, /Cannot use .*: other users can replace it$/m);
    // A group may share its downloads, and /tmp is sticky.
    for (const mode of [0o775, 0o1777]) {
      await Deno.chmod(place.downloads, mode);
      assertEquals((await place.install({ args })).code, 0);
    }
  },
});

Deno.test("install.sh does not write through a planted link", async () => {
  await using place = await makePlace();
  const prefix = join(place.folder, "prefix");
  await Deno.mkdir(join(prefix, "bin"), { recursive: true });
  const victim = join(place.folder, "victim");
  await Deno.writeTextFile(victim, "mine\n");
  await Deno.symlink(victim, join(prefix, "bin/ftl.new"));
  const { code } = await place.install({ args: ["--prefix", prefix] });
  assertEquals(code, 0);
  assertEquals(await Deno.readTextFile(victim), "mine\n");
});

Deno.test("install.sh prepends DESTDIR to the prefix, and lists paths without it", async () => {
  await using place = await makePlace();
  const stage = join(place.folder, "stage");
  const env = { DESTDIR: stage };
  const args = ["--prefix", "/usr"];
  assertEquals((await place.install({ args, env })).code, 0);
  const list = await Deno.readTextFile(join(stage, "usr/share/ftl/installed"));
  assertMatch(list, /^[0-9a-f]{64} {2}\/usr\/bin\/ftl$/m);
  assertEquals(
    filesOf(await place.tree(stage)),
    FILES.map((name) => `usr/${name}`),
  );
});

Deno.test({
  name: `install.sh without root installs into ~/.local${root.suffix}`,
  ignore: root.ignore,
  fn: async () => {
    await using place = await makePlace();
    await Deno.chown(place.home, 65534, 65534);
    const { code, stdout, stderr } = await place.install({
      wrapper: [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
      ],
    });
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "/.local/bin to PATH");
    assertEquals(
      filesOf(await place.tree(place.home)),
      FILES.map((name) => `.local/${name}`),
    );
  },
});

for (const shell of ["dash", "bash", "busybox"]) {
  const { ignore, suffix, path } = needProgram(shell);
  Deno.test({
    name: `install.sh runs in ${shell}${suffix}`,
    ignore,
    fn: async () => {
      await using place = await makePlace();
      const args = ["--unsigned", "--prefix", join(place.folder, "prefix")];
      const wrapper = [path, ...shell === "busybox" ? ["sh"] : [], "-c"];
      const script = `. ${join(place.downloads, "install.sh")}`;
      for (const more of [[], ["--uninstall"]]) {
        const { code, stderr } = await new Deno.Command(wrapper[0]!, {
          args: [
            ...wrapper.slice(1),
            script,
            join(place.downloads, "install.sh"),
            ...args,
            ...more,
          ],
          env: { HOME: place.home },
        }).output();
        assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
      }
      assertEquals(
        (await place.tree(place.folder)).filter((name) =>
          name.startsWith("prefix")
        ),
        [],
      );
    },
  });
}

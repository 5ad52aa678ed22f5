// The portable binary and both packages on the releases of Debian, where no programs
// may run in HOME and /tmp, for two users, beside each other and after each other.
// Where ftl cannot run, one sentence says why, and nothing is left.
//
// FTL_TEST_FULL=1 takes every release; otherwise it is the oldest that mirrors have,
// and Debian 13.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import { needBinary } from "../support/binary.ts";
import { worldNeed } from "../support/fleet/world.ts";
import { need, needProgram } from "../support/need.ts";
import { rootTreeNeed, SUITES } from "../support/root_tree.ts";
import { run } from "../../scripts/compile/targets.ts";
import { makeDeb } from "../../scripts/package/deb.ts";
import { makeRpm } from "../../scripts/package/rpm.ts";
import { writeTree } from "../../scripts/package/tree.ts";
import { type Machine, MODULES, startMachine, type User } from "./machine.ts";

const SCRIPT = fromFileUrl(
  new URL("../../scripts/package.ts", import.meta.url),
);
const binary = await needBinary();
const DIST = dirname(binary.path);
const needs = [
  worldNeed,
  binary,
  needProgram("dpkg-deb"),
  needProgram("rpmbuild"),
  need("Ansible's modules of Debian", await exists(MODULES)),
];
const suffix = needs.map((each) => each.suffix).join("");
const ignore = needs.some((each) => each.ignore);

async function exists(path: string): Promise<string | undefined> {
  return await Deno.stat(path).then(() => path, () => undefined);
}

/** The packages of the program, and those of an older version that only prints it. */
interface Packages extends AsyncDisposable {
  readonly deb: string;
  readonly rpm: string;
  /** A folder with those of the older version. */
  readonly folder: string;
  readonly oldDeb: string;
  readonly oldRpm: string;
}

/** Makes the packages, unless those in dist are newer than the binary there. */
async function makePackages(): Promise<Packages> {
  const find = async () => {
    const { mtime } = await Deno.stat(binary.path);
    const found: string[] = [];
    for await (const { name } of Deno.readDir(DIST)) {
      const path = join(DIST, name);
      if (!/\.(?:deb|rpm)$/.test(name)) continue;
      if ((await Deno.stat(path)).mtime! > mtime!) found.push(path);
    }
    return found.sort();
  };
  if ((await find()).length !== 2) {
    await run(Deno.execPath(), ["run", "-A", SCRIPT]);
  }
  const [rpm, deb] = await find() as [string, string];
  const folder = await Deno.realPath(await Deno.makeTempDir());
  await Deno.chmod(folder, 0o755);
  const old = async (format: "deb" | "rpm") => {
    const tree = await Deno.makeTempDir({ dir: folder });
    await Deno.chmod(tree, 0o755);
    const encode = (text: string) => new TextEncoder().encode(text);
    await writeTree(tree, {
      deno: encode('#!/bin/sh\necho "ftl 0.0.1"\n'),
      bundle: {
        files: new Map([["main.js", encode("// main\n")]]),
        packages: [],
      },
    }, format);
    const target = Deno.build.arch === "aarch64" ? "linux-arm64" : "linux-x64";
    const make = format === "deb" ? makeDeb : makeRpm;
    return await make({ tree, target, version: "0.0.1", output: folder });
  };
  return {
    ...{ deb, rpm, folder },
    ...{ oldDeb: await old("deb"), oldRpm: await old("rpm") },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** What a user does with ftl, on this machine as the only host. */
const JOB = `set -e
export FTL_INVENTORY=127.0.0.1, FTL_HOST_KEYS=accept-new
ftl run ping
ftl exec -- id -un
echo "sent by $(id -un)" >message
ftl push message received
ftl fetch received got
cat got/127.0.0.1/received
echo '!echo last' | ftl console`;

/** Has users do it at once. */
async function work(machine: Machine, ...users: User[]): Promise<void> {
  await Promise.all(users.map(async (user) => {
    const { code, stdout, stderr } = await machine.run(user, JOB);
    assertEquals(code, 0, `${user}: ${stdout}${stderr}`);
    assertMatch(
      stdout,
      new RegExp(
        `ping: pong[^]*^  ${user}$[^]*sent by ${user}[^]*  last$`,
        "m",
      ),
    );
  }));
}

/**
 * Whatever ftl has put on the machine, outside of the homes of hosts and of the code
 * that V8 has compiled for a user.
 */
async function traces(machine: Machine): Promise<string[]> {
  const found = await machine.outside(
    'cd "$ROOT" && find usr etc opt var home srv tmp -path "*ftl*" ' +
      '-not -path "*/.ftl*" -not -path "var/lib/dpkg/*" | sort',
  );
  const all = found.split("\n").filter((line) => !/^$|-code(\/|$)/.test(line));
  return all.filter((path) =>
    !path.endsWith("/.cache/ftl") ||
    all.some((other) => other.startsWith(`${path}/`))
  );
}

/** How an administrator handles packages of a kind. */
interface Manager {
  readonly install: (path: string) => string;
  readonly remove: string;
}

const DPKG: Manager = {
  install: (path) => `chroot "$ROOT" dpkg -i ${path}`,
  remove: 'chroot "$ROOT" dpkg --purge ftl',
};

// The libraries belong to packages that its database does not have.
const RPM: Manager = {
  install: (path) =>
    `rpm --root="$ROOT" --nodeps --oldpackage --replacepkgs -U ${path}`,
  remove: 'rpm --root="$ROOT" -e ftl',
};

async function version(machine: Machine, user: User): Promise<string> {
  return (await machine.run(user, "ftl --version")).stdout.trim();
}

/** One package: install, use, upgrade, downgrade, install again, remove. */
async function walkThrough(
  machine: Machine,
  { install, remove }: Manager,
  { older, newer }: { older: string; newer: string },
): Promise<void> {
  const before = await traces(machine);
  await machine.outside(`umask 077; ${install(older)}`);
  assertEquals(await version(machine, "ann"), "ftl 0.0.1");
  await machine.outside(`umask 000; ${install(newer)}`);
  await work(machine, "ann", "ben");
  const installed = await traces(machine);
  for (const part of ["usr/bin/ftl", "usr/share/man/man1/ftl.1.gz"]) {
    assert(installed.includes(part), part);
  }
  const writable = await machine.outside(
    'cd "$ROOT" && find usr/bin/ftl usr/lib/ftl usr/share -path "*ftl*" ' +
      "-perm /022 -not -type l",
  );
  assertEquals(writable, "", "files that others can write to");
  await machine.outside(install(older));
  assertEquals(await version(machine, "ben"), "ftl 0.0.1");
  await machine.outside(`umask 077; ${install(newer)}`);
  await machine.outside(install(newer));
  assertEquals(await traces(machine), installed, "what an upgrade leaves");
  const reading = await machine.run(
    "ben",
    "cat $(find /usr/share /usr/lib/ftl -path '*ftl*' -type f) >/dev/null",
  );
  assertEquals([reading.code, reading.stderr], [0, ""]);
  await machine.outside(remove);
  assertEquals(await traces(machine), before, "what removal leaves");
}

for (const [suite, release] of Object.entries(SUITES)) {
  const isChosen = Deno.env.get("FTL_TEST_FULL") !== undefined ||
    suite === "bullseye" || suite === "trixie";
  if (!isChosen) continue;
  const tree = rootTreeNeed(suite as keyof typeof SUITES);
  Deno.test({
    name:
      `ftl on ${release} is installed, used, upgraded and removed${tree.suffix}${suffix}`,
    ignore: ignore || tree.ignore,
    fn: async (t) => {
      await using packages = await packagesOnce();
      await using machine = await startMachine(tree.path, [
        packages.folder,
        DIST,
      ]);
      const clean = await traces(machine);

      await t.step("where no programs may run, one error says so", async () => {
        await machine.outside(
          `install -m 755 ${binary.path} "$ROOT/usr/local/bin/ftl"`,
        );
        const { code, stdout, stderr } = await machine.run(
          "ann",
          "ftl --version",
        );
        assertEquals([code, stdout], [2, ""]);
        assertMatch(stderr, /^ftl: Cannot unpack the program: no folder is us/);
        assertEquals(stderr.match(/programs may not run there/g)?.length, 3);
        assertMatch(stderr, /Set FTL_RUNTIME_DIR to a folder of your own\n$/);
        assertEquals(await traces(machine), [...clean, "usr/local/bin/ftl"]);
      });

      await t.step("a limit of memory is named", async () => {
        const { code, stderr } = await machine.run(
          "cho",
          "ulimit -v 8000000; ftl --version",
        );
        assertEquals(code, 2);
        assertMatch(stderr, /^ftl: Cannot start: the memory limit .*\n.*\n$/);
      });

      await t.step("what root unpacks, two users share", async () => {
        const { code, stderr } = await machine.run(
          "root",
          "FTL_RUNTIME_DIR=/usr/lib/ftl ftl --version && " +
            "chmod -R go+rX /usr/lib/ftl",
        );
        assertEquals(code, 0, stderr);
        await work(machine, "ann", "ben");
        await machine.outside('chmod g+w "$ROOT"/usr/lib/ftl/*/app');
        const refused = await machine.run("ann", "ftl --version");
        assertEquals(refused.code, 2, "others can change the program");
        await machine.outside('rm -r "$ROOT/usr/lib/ftl"');
        await machine.outside('rm "$ROOT/usr/local/bin/ftl"');
        assertEquals(await traces(machine), clean);
      });

      await t.step("a .deb, from installation to removal", async () => {
        await walkThrough(machine, DPKG, {
          older: packages.oldDeb,
          newer: packages.deb,
        });
      });

      await t.step("a .rpm, from installation to removal", async () => {
        await machine.outside('mkdir -p "$ROOT/var/lib/rpm"');
        await walkThrough(machine, RPM, {
          older: packages.oldRpm,
          newer: packages.rpm,
        });
      });

      await t.step("a package beside a user's own binary", async () => {
        await machine.run(
          "cho",
          `mkdir -p .local/bin && cp ${binary.path} .local/bin/ftl`,
        );
        const own = "find .cache/ftl -name deno 2>/dev/null | wc -l";
        await machine.outside(DPKG.install(packages.deb));
        await work(machine, "cho", "ann");
        const shared = await machine.run("cho", own);
        assertEquals(shared.stdout.trim(), "0", "the package's files do");
        await machine.outside(
          'chmod o+w "$(find "$ROOT/usr/lib/ftl" -name main.js)"',
        );
        const refused = await machine.run("ann", "ftl --version");
        assertEquals(refused.code, 2);
        assertMatch(refused.stderr, /damaged, or other users can change them/);
        await work(machine, "cho");
        await machine.outside(DPKG.remove);
        await work(machine, "cho");
        const after = await machine.run("cho", own);
        assertEquals(after.stdout.trim(), "1");
      });

      await t.step("an account without a HOME has the package", async () => {
        await machine.outside(DPKG.install(packages.deb));
        for (const home of ["/nowhere", "/dev/null", ""]) {
          const { code, stdout, stderr } = await machine.run(
            "ann",
            `HOME=${home} ftl --version && unset HOME && ftl --version`,
          );
          assertEquals(
            [code, stdout.split("\n").length, stderr],
            [0, 3, ""],
            home,
          );
        }
      });
    },
  });
}

let made: Promise<Packages> | undefined;

/** The packages are made once for all releases, and go after the last test. */
async function packagesOnce(): Promise<Packages> {
  made ??= makePackages();
  return { ...await made, [Symbol.asyncDispose]: () => Promise.resolve() };
}

Deno.test.afterAll(async () => {
  await (await made)?.[Symbol.asyncDispose]();
});

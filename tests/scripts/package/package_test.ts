// Makes packages with the tools of Debian and of RPM, installs them into a folder,
// runs what they installed as two users, upgrades and removes it. The runtime in
// them is a shell script; everything else is real.
import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { join } from "@std/path";
import { makeDeb } from "../../../scripts/package/deb.ts";
import { makeRpm } from "../../../scripts/package/rpm.ts";
import { writeTree } from "../../../scripts/package/tree.ts";
import { run } from "../../../scripts/compile/targets.ts";
import { need, needProgram } from "../../support/need.ts";

const dpkg = needProgram("dpkg-deb");
const rpm = needProgram("rpmbuild");
const mounting = need("right to mount", canMount() ? "/" : undefined);

function canMount(): boolean {
  if (Deno.uid() !== 0) return false;
  return new Deno.Command("unshare", { args: ["-m", "true"] })
    .outputSync().success;
}

/** How a kind of packages is made, and what an administrator does with one. */
interface Kind {
  readonly make: typeof makeDeb;
  readonly install: (root: string, path: string) => Promise<string>;
  readonly remove: (root: string) => Promise<string>;
}

const KINDS: Record<"deb" | "rpm", Kind> = {
  deb: {
    make: makeDeb,
    install: async (root, path) => {
      await Deno.mkdir(join(root, "var/lib/dpkg/updates"), { recursive: true });
      await Deno.mkdir(join(root, "var/lib/dpkg/info"), { recursive: true });
      for (const name of ["status", "available"]) {
        const file = join(root, "var/lib/dpkg", name);
        await Deno.writeTextFile(file, "", { append: true });
      }
      // The libraries of the machine are not in this root.
      return await run("dpkg", [
        ...[`--root=${root}`, "--force-depends", "--no-triggers"],
        ...["--install", path],
      ]);
    },
    remove: (root) => run("dpkg", [`--root=${root}`, "--purge", "ftl"]),
  },
  rpm: {
    make: makeRpm,
    install: (root, path) =>
      run("rpm", [`--root=${root}`, "--nodeps", "--upgrade", path]),
    remove: (root) => run("rpm", [`--root=${root}`, "--erase", "ftl"]),
  },
};

/** A package whose runtime prints its version. */
async function makePackage(
  format: keyof typeof KINDS,
  { version, output, script = `echo "ftl ${version}"` }: {
    version: string;
    output: string;
    /** What its runtime does, in place of that. */
    script?: string;
  },
): Promise<string> {
  const tree = await Deno.makeTempDir({ prefix: "ftl-package-" });
  try {
    await Deno.chmod(tree, 0o755);
    await writeTree(tree, {
      deno: new TextEncoder().encode(`#!/bin/sh\n${script}\n`),
      bundle: {
        files: new Map([["main.js", new TextEncoder().encode("// main\n")]]),
        packages: [],
      },
    }, format);
    await Deno.mkdir(output, { recursive: true });
    const options = { tree, target: "linux-x64", version, output };
    return await KINDS[format].make(options);
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

/** Runs the installed ftl as if the folder were the machine's root. */
async function runInstalled(
  root: string,
  user: string,
  home = "/nowhere",
): Promise<string> {
  const script = 'mount -t overlay -o "lowerdir=$1/usr:/usr" none /usr && ' +
    'export HOME="$3" && ' +
    'exec setpriv --reuid="$2" --clear-groups /usr/bin/ftl --version';
  const args = ["-m", "sh", "-c", script, "sh", root, user, home];
  return await run("unshare", args);
}

/** The files and folders below a folder whose path contains `ftl`. */
async function ours(root: string): Promise<string[]> {
  return (await run("find", [root, "-path", `${root}/usr/*ftl*`]))
    .split("\n").filter((line) => line !== "").sort();
}

for (const [format, kind] of Object.entries(KINDS)) {
  const tool = format === "deb" ? dpkg : rpm;
  Deno.test({
    name: `a .${format} is installed, used by two users, upgraded and removed` +
      tool.suffix + mounting.suffix,
    ignore: tool.ignore || mounting.ignore,
    fn: async () => {
      const folder = await Deno.realPath(await Deno.makeTempDir());
      await Deno.chmod(folder, 0o755);
      try {
        const [first, second] = await Promise.all(["1.0.0", "1.0.1"].map(
          (version) =>
            makePackage(format as keyof typeof KINDS, {
              version,
              output: join(folder, "made"),
            }),
        ));
        const root = join(folder, "root");
        await Deno.mkdir(root);
        await kind.install(root, first!);
        for (const user of ["65534", "0"]) {
          assertEquals(await runInstalled(root, user), "ftl 1.0.0\n");
        }
        await assertRejects(() => Deno.stat("/nowhere"), Deno.errors.NotFound);
        const before = await ours(root);
        await kind.install(root, second!);
        assertEquals(await runInstalled(root, "65534"), "ftl 1.0.1\n");
        const after = await ours(root);
        assertNotEquals(before, after);
        assertEquals(
          before.length,
          after.length,
          "nothing is left of the first",
        );
        assertMatch(after.join("\n"), /\/man1\/ftl\.1\.gz$/m);
        await kind.remove(root);
        assertEquals(await ours(root), []);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });

  Deno.test({
    name: `two builds of a .${format} are the same${tool.suffix}`,
    ignore: tool.ignore,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        const [one, other] = await Promise.all(["one", "other"].map(
          async (name) =>
            await Deno.readFile(
              await makePackage(format as keyof typeof KINDS, {
                version: "1.0.0",
                output: join(folder, name),
              }),
            ),
        ));
        assertEquals(one!.length, other!.length);
        assertEquals(one!.toHex() === other!.toHex(), true);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test({
  name:
    `an installed ftl keeps compiled code where its user alone can write${dpkg.suffix}${mounting.suffix}`,
  ignore: dpkg.ignore || mounting.ignore,
  fn: async () => {
    const folder = await Deno.realPath(await Deno.makeTempDir());
    await Deno.chmod(folder, 0o755);
    const makeHome = async (name: string, uid: number) => {
      const home = join(folder, name);
      await Deno.mkdir(home);
      await Deno.chown(home, uid, uid);
      return home;
    };
    try {
      const root = join(folder, "root");
      await Deno.mkdir(root);
      const made = await makePackage("deb", {
        version: "1.0.0",
        output: join(folder, "made"),
        script: 'echo "$DENO_DIR"; echo "$*"',
      });
      await KINDS.deb.install(root, made);
      const start = async (user: string, home: string) => {
        const [kept = "", args = ""] = (await runInstalled(root, user, home))
          .split("\n");
        const keeps = !kept.endsWith("/deno/none");
        assertEquals(args.includes("--no-lazy"), keeps);
        if (!keeps) return undefined;
        assertEquals((await Deno.stat(kept)).mode! & 0o777, 0o700);
        return kept.replace(/[0-9a-f]{32}/, "ID");
      };
      const home = await makeHome("home", 65534);
      const place = join(home, ".cache/ftl/ftl-runtime-ID-code");
      assertEquals(await start("65534", home), place);
      assertEquals(await start("65534", home), place, "once more");
      assertEquals(await start("0", home), undefined, "sudo -E");
      await Deno.chmod(join(home, ".cache"), 0o777);
      assertEquals(await start("65534", home), undefined, "others may write");
      const link = join(folder, "link");
      const linked = await makeHome("linked", 65534);
      await Deno.symlink(linked, link);
      assertEquals(
        await start("65534", link),
        join(linked, ".cache/ftl/ftl-runtime-ID-code"),
      );
      const roots = await makeHome("roots", 0);
      assertEquals(await start("65534", roots), undefined, "not writable");
      assertEquals(await Array.fromAsync(Deno.readDir(roots)), []);
      for (const nowhere of ["", "relative", "/dev/null"]) {
        assertEquals(await start("65534", nowhere), undefined, nowhere);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("an ftl of a package says so when its files are gone", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.chmod(folder, 0o755);
    await writeTree(folder, {
      deno: new TextEncoder().encode("#!/bin/sh\n"),
      bundle: { files: new Map(), packages: [] },
    }, "deb");
    const { code, stderr } = await new Deno.Command("sh", {
      args: [join(folder, "usr/bin/ftl"), "--version"],
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [
      2,
      "ftl: Cannot start: the files in /usr/lib/ftl are damaged, or other users " +
      "can change them\n" +
      "     Install the package again\n",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

// A release from its files to an installation: completed and signed by
// scripts/release.ts with a key of this test, and verified by install.sh. The
// binary is a shell script.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { SIGNERS, signersIn } from "../../src/cli/process/signers.ts";
import { withSigners } from "../../scripts/release/installer.ts";
import { run } from "../../scripts/compile/targets.ts";
import { needProgram } from "../support/need.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
const keygen = needProgram("ssh-keygen");
const NAMES = [
  "ftl-linux-arm64",
  "ftl-linux-x64",
  "ftl-linux-x64.cdx.json",
  "ftl-macos-arm64",
  "ftl_1.0_amd64.deb",
  "ftl-1.0-1.x86_64.rpm",
];
const BINARY = `#!/bin/sh
case $1 in --version) echo "ftl 1.0" ;; *) echo "$*" ;; esac
`;

/** A folder of a release that was made but not completed, and a key. */
class Release implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Release> {
    const release = new Release(await Deno.makeTempDir());
    await Deno.chmod(release.folder, 0o755);
    await Deno.mkdir(release.files);
    for (const name of NAMES) {
      await Deno.writeTextFile(
        join(release.files, name),
        `${BINARY}# ${name}\n`,
      );
    }
    await release.makeKey("key");
    await release.allow("key");
    return release;
  }

  get files(): string {
    return join(this.folder, "files");
  }

  get prefix(): string {
    return join(this.folder, "prefix");
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async makeKey(name: string): Promise<void> {
    const path = this.path(name);
    await run(
      "ssh-keygen",
      ["-qt", "ed25519", "-N", "", "-C", "", "-f", path],
      {
        PATH: Deno.env.get("PATH")!,
      },
    );
  }

  /** Makes a key the only one that signs releases. */
  async allow(name: string, options = 'namespaces="file"'): Promise<void> {
    const key = await Deno.readTextFile(this.path(`${name}.pub`));
    await Deno.writeTextFile(
      this.path("signers"),
      `# A comment\nftl ${options} ${key}`,
    );
  }

  /** Runs scripts/release.ts. */
  async complete(...args: string[]) {
    return await output(Deno.execPath(), [
      ...["run", "-A", join(ROOT, "scripts/release.ts")],
      ...["--signers", this.path("signers"), ...args, this.files],
    ]);
  }

  async install(args: readonly string[] = [], path?: string) {
    const script = join(this.files, "install.sh");
    const words = ["--prefix", this.prefix, ...args];
    return await output("/bin/sh", [script, ...words], {
      HOME: this.folder,
      PATH: path ?? Deno.env.get("PATH")!,
    });
  }

  /** The first line of the error of an installation, which installs nothing. */
  async refusal(args: readonly string[] = [], path?: string): Promise<string> {
    const { code, stdout, stderr } = await this.install(args, path);
    assertEquals([code, stdout], [1, ""], stderr);
    assertEquals(await Deno.stat(this.prefix).catch(() => "none"), "none");
    const [first = "", ...rest] = stderr.trim().split("\n");
    assertEquals(rest.length, 1, stderr); // the hint
    return first.replaceAll(`${this.files}/`, "");
  }

  async change(name: string, change: (text: string) => string): Promise<void> {
    const path = join(this.files, name);
    await Deno.writeTextFile(path, change(await Deno.readTextFile(path)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Deno.remove(this.folder, { recursive: true });
  }
}

async function output(
  program: string,
  args: readonly string[],
  env?: Record<string, string>,
) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    ...env && { clearEnv: true, env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

const UNTRUSTED =
  "install.sh: Cannot trust SHA256SUMS: none of the release's signers signed it: ";

Deno.test({
  name:
    `a signed release is installed, and every change of it is refused${keygen.suffix}`,
  ignore: keygen.ignore,
  fn: async (t) => {
    await using release = await Release.make();
    const { files } = release;
    const made = await release.complete("--key", release.path("key"));
    assertEquals([made.code, made.stderr], [0, ""], made.stderr);
    const sums = join(files, "SHA256SUMS");
    const all = await Deno.readTextFile(sums);
    for (const name of [...NAMES, "install.sh"]) {
      assertStringIncludes(all, `  ${name}\n`);
    }
    const signature = await Deno.readTextFile(`${sums}.sig`);
    const restore = async () => {
      await Deno.writeTextFile(sums, all);
      await Deno.writeTextFile(`${sums}.sig`, signature);
      const name = "ftl-linux-x64";
      await Deno.writeTextFile(join(files, name), `${BINARY}# ${name}\n`);
    };

    await t.step("it is installed, and its packages are verified", async () => {
      const { code, stdout, stderr } = await release.install();
      assertEquals([code, stderr], [0, ""]);
      assertStringIncludes(
        stdout,
        'Good "file" signature for ftl with ED25519',
      );
      await Deno.remove(release.prefix, { recursive: true });
      for (const name of NAMES) {
        const file = join(files, name);
        const verified = await release.install(["--verify", file]);
        assertEquals([verified.code, verified.stderr], [0, ""]);
        assertStringIncludes(verified.stdout, "is the file that was released");
      }
    });
    await t.step("a binary, a package or a bill that was changed", async () => {
      for (
        const name of [
          "ftl-linux-x64",
          "ftl_1.0_amd64.deb",
          "ftl-linux-x64.cdx.json",
        ]
      ) {
        await release.change(name, (text) => text + "x");
        const file = join(files, name);
        assertEquals(
          await release.refusal(["--verify", file]),
          `install.sh: Cannot use ${name}: its sum differs from the one in SHA256SUMS`,
        );
      }
      assertStringIncludes(await release.refusal(), "its sum differs");
      await restore();
    });
    await t.step("sums that were changed", async () => {
      await release.change("SHA256SUMS", (text) => text.replace(/^./, "0"));
      assertStringIncludes(await release.refusal(), UNTRUSTED);
      await restore();
    });
    await t.step(
      "no signature, and a file that holds another text",
      async () => {
        await release.change("SHA256SUMS.sig", () => "nothing\n");
        assertStringIncludes(await release.refusal(), UNTRUSTED);
        await Deno.remove(`${sums}.sig`);
        assertStringIncludes(
          await release.refusal(),
          "Cannot verify SHA256SUMS: there is no SHA256SUMS.sig beside it",
        );
        await restore();
      },
    );
    const resign = async (key: string, namespace: string) => {
      await Deno.remove(`${sums}.sig`);
      const args = [
        "-Y",
        "sign",
        "-q",
        "-f",
        release.path(key),
        "-n",
        namespace,
      ];
      const { code, stderr } = await output("ssh-keygen", [...args, sums]);
      assertEquals(code, 0, stderr);
    };
    await t.step(
      "the signature of another key, or for another purpose",
      async () => {
        await release.makeKey("other");
        await resign("other", "file");
        assertStringIncludes(await release.refusal(), UNTRUSTED);
        await resign("key", "git");
        assertStringIncludes(await release.refusal(), UNTRUSTED);
        await restore();
      },
    );
    await t.step("a key that has expired, or was replaced", async () => {
      for (
        const allow of [
          () =>
            release.allow("key", 'namespaces="file",valid-before="20200101"'),
          () => release.allow("other"),
        ]
      ) {
        await allow();
        const signers = release.path("signers");
        assertStringIncludes(
          await release.refusal(["--signers", signers]),
          UNTRUSTED,
        );
      }
    });
    await t.step("no ssh-keygen that verifies", async () => {
      const tools = release.path("tools");
      await Deno.mkdir(tools);
      const old = '#!/bin/sh\necho "unknown option -- Y" >&2\nexit 1\n';
      await Deno.writeTextFile(join(tools, "ssh-keygen"), old, { mode: 0o755 });
      const path = `${tools}:${Deno.env.get("PATH")}`;
      assertEquals(
        await release.refusal([], path),
        "install.sh: Cannot verify SHA256SUMS: ssh-keygen of OpenSSH 8.2 or later is not installed",
      );
      const sum = all.split("\n").find((line) =>
        line.endsWith("  ftl-linux-x64")
      )!
        .slice(0, 64);
      assertStringIncludes(
        await release.refusal(["--sha256", "0".repeat(64)], path),
        "its sum is not the one of --sha256",
      );
      assertStringIncludes(
        await release.refusal(["--sha256", "xyz"]),
        "not a SHA-256",
      );
      if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return;
      for (const args of [["--sha256", sum.toUpperCase()], ["--unsigned"]]) {
        const { code, stderr } = await release.install(args, path);
        assertEquals([code, stderr], [0, ""]);
        await Deno.remove(release.prefix, { recursive: true });
      }
    });
  },
});

Deno.test({
  name:
    `a release is not signed with a key that is not in release_signers${keygen.suffix}`,
  ignore: keygen.ignore,
  fn: async () => {
    await using release = await Release.make();
    await release.makeKey("other");
    const made = await release.complete("--key", release.path("other"));
    assertEquals(made.code, 1);
    assertStringIncludes(made.stderr, "signers does not accept the key");
    const left = await Array.fromAsync(Deno.readDir(release.files));
    assert(left.every(({ name }) => name !== "SHA256SUMS.sig"));
  },
});

Deno.test({
  name: `a signature stays when another try to sign fails${keygen.suffix}`,
  ignore: keygen.ignore,
  fn: async () => {
    await using release = await Release.make();
    const path = join(release.files, "SHA256SUMS.sig");
    await Deno.writeTextFile(path, "signature");
    await release.allow("key", 'namespaces="file",valid-before="20200101"');
    const tries = [["key", "key has expired"], [
      "absent",
      "Cannot sign",
    ]] as const;
    for (const [key, why] of tries) {
      const made = await release.complete("--key", release.path(key));
      assertEquals(made.code, 1);
      assertStringIncludes(made.stderr, why);
      assertEquals(await Deno.readTextFile(path), "signature");
    }
  },
});

Deno.test("without a key a release says that it is not signed", async () => {
  await using release = await Release.make();
  await Deno.writeTextFile(release.path("signers"), "# none yet\n");
  const made = await release.complete();
  assertEquals([made.code, made.stderr], [0, ""]);
  assertStringIncludes(made.stdout, "no signature");
  assertEquals(
    await release.refusal(),
    "install.sh: Cannot verify SHA256SUMS: this release is not signed",
  );
  const { code, stderr } = await release.install(["--unsigned"]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("the keys of release_signers are in the program, in README and in install.sh", async () => {
  const text = await Deno.readTextFile(join(ROOT, "release_signers"));
  assertEquals([...SIGNERS], signersIn(text));
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  for (const line of SIGNERS) assertStringIncludes(readme, line);
  if (SIGNERS.length === 0) assertStringIncludes(readme, "not signed yet");
  const script = await Deno.readTextFile(join(ROOT, "scripts/install.sh"));
  const lines = ["ftl ssh-ed25519 AAAA one", "ftl ssh-ed25519 BBBB two"];
  assertStringIncludes(
    withSigners(script, lines),
    `signers='${lines.join("\n")}'`,
  );
});

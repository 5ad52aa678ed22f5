// Files that other users of this machine can change, for every way in which ftl
// reads files.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { type Account, createAccount } from "../support/ftl.ts";

const PING = "def main():\n    return {'pong': True}\n";
const HOST = ["-c", "local", "-i", "web1,"];

/** Writes a file that everybody can write to. */
async function expose(path: string, text: string, mode = 0o666) {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, mode);
}

interface Case {
  readonly what: string;
  /** The file, in HOME. */
  readonly path: string;
  readonly text?: string;
  readonly mode?: number;
  /** The arguments of ftl, given the file. */
  readonly words: (path: string, home: string) => readonly string[];
  readonly prepare?: (account: Account) => Promise<void>;
}

const REFUSED: readonly Case[] = [
  {
    what: "a module",
    path: "modules/ping.py",
    text: PING,
    words: (path) => ["run", ...HOST, "-M", dirname(path), "ping"],
  },
  {
    what: "a module that was packed before",
    path: "modules/ping.py",
    text: PING,
    prepare: async (account) => {
      const path = join(account.home, "modules/ping.py");
      await Deno.chmod(path, 0o644);
      const words = ["run", ...HOST, "-M", dirname(path), "ping"];
      assertEquals((await account.ftl(words)).code, 0);
      await Deno.chmod(path, 0o666);
    },
    words: (path) => ["run", ...HOST, "-M", dirname(path), "ping"],
  },
  {
    what: "a requirements file",
    path: "requirements.txt",
    prepare: async ({ home }) => {
      await Deno.writeTextFile(join(home, "ping.py"), PING);
    },
    words: (path, home) => [
      ...["run", ...HOST, "-r", path, "--wheelhouse", home],
      join(home, "ping.py"),
    ],
  },
  {
    what: "a gate",
    path: "g.pyz",
    words: (path) => ["run", ...HOST, "--gate", path, "ping"],
  },
  {
    what: "an ssh_config",
    path: ".ssh/config",
    words: () => ["exec", "-i", "127.0.0.9,", "--port", "1", "--", "true"],
  },
  {
    what: "a password file that is a program",
    path: "password",
    mode: 0o757,
    text: "#!/bin/sh\necho secret\n",
    words: (path) => ["exec", ...HOST, "--password-file", path, "--", "true"],
  },
  {
    what: "a vault password program",
    path: "password",
    mode: 0o757,
    text: "#!/bin/sh\necho secret\n",
    prepare: async ({ home }) => {
      await Deno.writeTextFile(
        join(home, "hosts.yml"),
        "$ANSIBLE_VAULT;1.1;AES256\n33310a33310a3331\n",
      );
    },
    words: (path, home) => [
      ...["exec", "-c", "local", "-i", join(home, "hosts.yml")],
      ...["--vault-password-file", path, "--", "true"],
    ],
  },
  {
    what: "an executable inventory",
    path: "hosts",
    mode: 0o757,
    text: "#!/bin/sh\necho '{}'\n",
    words: (path) => ["inventory", "list", "-i", path],
  },
];

for (const { what, path, text = "", mode, words, prepare } of REFUSED) {
  Deno.test(`${what} that everybody can write to is refused with a hint`, async () => {
    await using account = await createAccount();
    const file = join(account.home, path);
    await expose(file, text, mode);
    await prepare?.(account);
    const { code, stderr } = await account.ftl(words(file, account.home));
    assert(code !== 0, stderr);
    assertStringIncludes(stderr, file);
    assertStringIncludes(stderr, "everybody can write to it");
    assertStringIncludes(stderr, `nspect it, then run chmod o-w ${file}`);
  });
}

const WARNED: readonly Case[] = [
  {
    what: "an inventory",
    path: "hosts.yml",
    text: "all: {hosts: {web1: {}}}\n",
    words: (path) => ["exec", "-c", "local", "-i", path, "--", "true"],
  },
  {
    what: "a file of variables",
    path: "group_vars/all.yml",
    text: "a: 1\n",
    prepare: async ({ home }) => {
      await Deno.writeTextFile(join(home, "hosts"), "web1\n");
    },
    words: (_, home) => [
      ...["exec", "-c", "local", "-i", join(home, "hosts"), "--", "true"],
    ],
  },
];

for (const { what, path, text = "", words, prepare } of WARNED) {
  Deno.test(`${what} that everybody can write to is read with a warning`, async () => {
    await using account = await createAccount();
    const file = join(account.home, path);
    await expose(file, text);
    await prepare?.(account);
    const { code, stderr } = await account.ftl(words(file, account.home));
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, file);
    assertStringIncludes(stderr, "everybody can write to it");
  });
}

Deno.test("a file that only we and our own group can write to is used without a warning", async () => {
  await using account = await createAccount();
  const modules = join(account.home, "modules");
  await expose(join(modules, "ping.py"), PING, 0o664);
  await Deno.chmod(modules, 0o775);
  await expose(join(account.home, "hosts"), "web1\n", 0o664);
  const { code, stderr } = await account.ftl([
    ...["run", "-c", "local", "-i", join(account.home, "hosts")],
    ...["-M", modules, "ping"],
  ]);
  assertEquals(code, 0, stderr);
  assert(!/write|change/.test(stderr), stderr);
});

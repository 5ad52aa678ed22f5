// Little to work with: no HOME, a full disk, a folder that cannot be entered, a
// terminal without a width.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { needAnsible } from "../support/ansible.ts";
import { createAccount, mainCommand } from "../support/ftl.ts";
import { needProgram } from "../support/need.ts";

const LOCAL = ["-i", "localhost,", "-c", "local"];

Deno.test("exec, push and fetch work without a HOME, and say so at -v", async () => {
  await using account = await createAccount();
  const { home } = account;
  const { command, env } = mainCommand(home);
  const { HOME: _, ...homeless } = env;
  const ftl = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(command[0]!, {
      args: [...command.slice(1), ...args],
      clearEnv: true,
      env: homeless,
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  };
  const src = join(home, "src");
  await Deno.writeTextFile(src, "x");
  const why = "Cannot keep gates: neither FTL_HOME nor HOME is set";

  const exec = await ftl("exec", ...LOCAL, "--", "echo", "hi");
  assertEquals([exec.code, exec.stderr], [0, ""]);
  const verbose = await ftl("exec", "-v", ...LOCAL, "--", "echo", "hi");
  assertEquals(verbose.code, 0);
  assertStringIncludes(verbose.stderr, why);
  const push = await ftl("push", ...LOCAL, src, join(home, "dest"));
  assertEquals([push.code, push.stderr], [0, ""]);
  assertEquals(await Deno.readTextFile(join(home, "dest")), "x");
  const fetch = await ftl("fetch", ...LOCAL, src, join(home, "got"));
  assertEquals([fetch.code, fetch.stderr], [0, ""]);

  const run = await ftl("run", "ping", ...LOCAL);
  assertEquals(run.code, 2);
  assertStringIncludes(run.stderr, why);
});

const mount = needProgram("mount");
const ansible = needAnsible();
const isRoot = Deno.uid() === 0;

Deno.test({
  name:
    `a scripted console goes on when the disk of its store is full${mount.suffix}${ansible.suffix}`,
  ignore: mount.ignore || ansible.ignore || !isRoot,
  fn: async () => {
    await using account = await createAccount();
    const store = join(account.home, ".ftl");
    await Deno.mkdir(store, { mode: 0o700 });
    const mounted = await new Deno.Command(mount.path, {
      args: ["-t", "tmpfs", "-o", "size=16k,mode=700", "tmpfs", store],
      stderr: "null",
    }).output();
    if (!mounted.success) return; // no mounts in this container
    try {
      const { code, stdout, stderr } = await account.ftl(
        ["console", ...LOCAL, "-M", ansible.modules],
        "ping\n!echo two\nping data=three\n",
      );
      assertEquals(code, 0, stderr);
      for (const shown of ["ping: pong", "two", "ping: three"]) {
        assertStringIncludes(stdout, shown);
      }
      assertStringIncludes(stderr, "Cannot record the run: ");
    } finally {
      await new Deno.Command("umount", { args: [store] }).output();
    }
  },
});

const script = needProgram("script");

for (
  const [what, columns, width] of [
    ["without a width shows whole lines", undefined, 0],
    ["without a width is as wide as COLUMNS", "40", 40],
  ] as const
) {
  Deno.test({
    name: `a terminal ${what}${script.suffix}`,
    ignore: script.ignore,
    fn: async () => {
      await using account = await createAccount();
      const { command, env } = mainCommand(account.home);
      const host = "h".repeat(120);
      const words = [
        ...command,
        ...["exec", "-i", `${host},`, "-c", "local", "--format", "table"],
        ...["--plain", "--", "true"],
      ];
      // `script` makes a terminal of width 0 where it has none itself.
      const { stdout } = await new Deno.Command(script.path, {
        args: ["-qec", words.join(" "), "/dev/null"],
        clearEnv: true,
        env: { ...env, TERM: "xterm", ...(columns && { COLUMNS: columns }) },
        stdin: "null",
      }).output();
      const text = new TextDecoder().decode(stdout);
      const line = text.split(/\r?\n/).find((each) => each.includes("hhhh"))!;
      if (width === 0) assertStringIncludes(line, host);
      else assertEquals(/h+…$/.exec(line)?.[0].length, width, line);
    },
  });
}

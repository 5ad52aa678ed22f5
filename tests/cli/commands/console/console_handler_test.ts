// The console without a terminal: lines from a pipe.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { createAccount, mainCommand } from "../../../support/ftl.ts";

const LOCAL = ["-i", "a1,a2,", "-c", "local"];

Deno.test("results that are shown again are whole, and change no file", async () => {
  await using account = await createAccount();
  const out = join(account.home, "out");
  const report = join(account.home, "r.html");
  const { code, stdout } = await account.ftl(
    [
      ...["console", ...LOCAL, "-q", "--query", "status"],
      ...["--output", out, "--output-format", "text", "--report", report],
    ],
    "!echo one\n:last a1\n:use a1\n:changed\n",
  );
  assertEquals(code, 0);
  assertStringIncludes(stdout, "a1: ok, rc 0 in");
  assertStringIncludes(stdout, "  one\n1 host: 1 ok in");
  const names = (await Array.fromAsync(Deno.readDir(out))).map((e) => e.name);
  assertEquals(names.sort(), [
    "a1.txt",
    "a2.txt",
  ]);
  assertStringIncludes(await Deno.readTextFile(report), '"a2"');
});

Deno.test("an error of a line stops a pipe, and --keep-going continues", async () => {
  await using account = await createAccount();
  const lines = ":nosuch\n!echo after\n";
  const stopped = await account.ftl(["console", ...LOCAL], lines);
  assertEquals([stopped.code, stopped.stdout], [2, ""]);
  const going = await account.ftl(["console", ...LOCAL, "--keep-going"], lines);
  assertEquals(going.code, 2);
  assertStringIncludes(going.stdout, "  after\n");
});

Deno.test("TERM ends a console that waits for a line of a pipe", async () => {
  await using account = await createAccount();
  const { command: [program = "", ...args], env } = mainCommand(account.home);
  const ftl = new Deno.Command(program, {
    args: [...args, "console", ...LOCAL],
    env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = ftl.stdin.getWriter();
  await writer.write(new TextEncoder().encode("!echo up\n"));
  let text = "";
  for await (const part of ftl.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("2 hosts: 2 ok")) ftl.kill("SIGTERM");
  }
  assertEquals((await ftl.status).code, 130);
  await writer.close().catch(() => {}); // it has ended
});

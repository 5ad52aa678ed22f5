// Programs that start while the working folder is gone: each in a process of its own,
// whose folder that is.
import { assertEquals } from "@std/assert";
import { toFileUrl } from "@std/path";

/** The output of a script that runs in a folder that was removed. */
async function printedInRemovedFolder(script: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  const begin = `Deno.chdir(${JSON.stringify(folder)});` +
    `Deno.removeSync(${JSON.stringify(folder)});`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "-"],
    cwd: new URL("../../", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await new Blob([script.replace("BEGIN", begin)]).stream().pipeTo(child.stdin);
  const { stdout, stderr } = await child.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

function sourceOf(path: string): string {
  const src = new URL("../../src/", import.meta.url);
  return JSON.stringify(toFileUrl(new URL(path, src).pathname).href);
}

Deno.test("a command after | runs while the working folder is gone", async () => {
  const printed = await printedInRemovedFolder(`
    import { feedCommand } from ${sourceOf("cli/process/feed_command.ts")};
    BEGIN
    await feedCommand("cat", "fed", {
      context: { out: console.log, err: console.error },
      signal: new AbortController().signal,
    });`);
  assertEquals(printed, "fed\n");
});

Deno.test("lookup('pipe') runs while the working folder is gone", async () => {
  const printed = await printedInRemovedFolder(`
    import { ControllerFiles } from ${
    sourceOf("inventory/templates/controller_files.ts")
  };
    BEGIN
    const printed = new Map();
    const files = new ControllerFiles({ onSecret: () => {}, printed });
    try {
      files.run("echo piped");
    } catch (pending) {
      await pending.value;
    }
    console.log(...printed.values().map((each) => each.trim()));`);
  assertEquals(printed, "piped\n");
});

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { bundle, ENTRY } from "../../../scripts/compile/bundle.ts";
import { Screen, tmuxNeed } from "../../support/tmux.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));
const HANGING = "tests/fixtures/process/hanging.ts";

/** The time until a process is ended, plus some for a busy machine. */
const PATIENCE_MS = 4_000;

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`${signal} ends a process whose loop hangs`, async () => {
    await using program = start(join(ROOT, HANGING));
    await program.reads("hangs\n");
    const began = performance.now();
    program.process.kill(signal);
    const { code } = await program.process.status;
    assertEquals(code, status);
    assertLess(performance.now() - began, PATIENCE_MS);
  });
}

Deno.test("a process whose loop runs decides itself when to end", async () => {
  await using program = start(join(ROOT, HANGING), "lively");
  await program.reads("hangs\n");
  program.process.kill("SIGINT");
  await program.reads("asked to end\n");
  // Longer than the watchdog waits for an answer.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  program.process.kill("SIGINT");
  await program.reads("asked to end\n");
});

Deno.test("the watchdog works in a bundle too", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ftl-watchdog-" });
  try {
    const { files } = await bundle(ROOT, HANGING);
    for (const [name, content] of files) {
      await Deno.writeFile(join(folder, name), content);
    }
    await using program = start(join(folder, ENTRY));
    await program.reads("hangs\n");
    program.process.kill("SIGTERM");
    assertEquals((await program.process.status).code, 143);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: `a terminal in raw mode is restored${tmuxNeed.suffix}`,
  ignore: tmuxNeed.ignore,
  fn: async () => {
    const words = [Deno.execPath(), "run", "-A", join(ROOT, HANGING), "raw"];
    await using screen = await Screen.open({
      command: ["sh", "-c", '"$@"; echo "gave $?"; stty -a', "sh", ...words],
      env: { PATH: Deno.env.get("PATH")! },
    });
    const pid = /(\d+) hangs/.exec(await screen.see(/\d+ hangs/))![1];
    Deno.kill(Number(pid), "SIGTERM");
    const after = await screen.see(/gave 143[^]* -?echoke/);
    assertMatch(after, /[ \n]icanon/);
    assertMatch(after, /[ \n]isig/);
  },
});

/** A program that runs until it is disposed. */
function start(path: string, ...args: string[]) {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-config", path, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  let held = "";
  return {
    process,
    /** Waits until it has printed a text, and consumes it. */
    async reads(text: string) {
      while (!held.includes(text)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`It ended, and printed ${held}`);
        held += value;
      }
      held = held.slice(held.indexOf(text) + text.length);
    },
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await reader.cancel();
      await process.status;
    },
  };
}

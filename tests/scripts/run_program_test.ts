// The tasks of deno.json that start programs: what they say of themselves, and of
// arguments that they cannot use.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import config from "../../deno.json" with { type: "json" };

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** Programs by their tasks, with what each says of the argument `--days`. */
const PROGRAMS = {
  "fuzz": "Unknown option --days: use --",
  "soak": "Unknown option --days: use --",
  "chaos": "Unknown option --days: use --",
  "bench": "Unknown benchmark --days",
  "bench publish": "Unknown comparison --days: use ",
  "compile": "Cannot use --days",
  "package": "Cannot use --days",
  "release": "Cannot use --days",
  "reproduce": "Cannot use --days",
  "picture": "Cannot use --days",
  "picture:report": "Cannot use --days",
  "fleet": "Cannot use --days",
  "demo:nats": "Cannot use --days",
};

for (const [program, refusal] of Object.entries(PROGRAMS)) {
  const [task = "", ...words] = program.split(" ");
  const run = async (...args: string[]) => {
    const { command } = config.tasks[task as keyof typeof config.tasks];
    const [, ...start] = command.split(" ");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...start, ...words, ...args],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  };
  const usage = new RegExp(`^Usage: deno task ${task}[ \\n]`, "m");

  Deno.test(`deno task ${program} prints its usage with --help and -h`, async () => {
    for (const option of ["--help", "-h"]) {
      const { code, stdout, stderr } = await run(option);
      assertEquals({ code, stderr }, { code: 0, stderr: "" });
      assertMatch(stdout, usage);
    }
  });

  Deno.test(`deno task ${program} explains an unknown option`, async () => {
    const { code, stdout, stderr } = await run("--days", "3");
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertStringIncludes(stderr, refusal);
    assertMatch(stderr, usage);
    assertEquals(stderr.includes("    at "), false, stderr);
  });
}

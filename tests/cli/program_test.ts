import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Context,
  processContext,
} from "../../src/cli/commands/context.ts";
import { subcommandsFor } from "../../src/cli/subcommands_for.ts";
import { runProgram } from "../../src/cli/program.ts";

/** Runs a command line; resolves to its status and stderr. */
async function errorOf(...argv: string[]): Promise<[number, string]> {
  let err = "";
  const context = {
    out: () => {},
    err: (text: string) => err += text,
    signal: new AbortController().signal,
  } as unknown as Context;
  return [await runProgram(argv, context, subcommandsFor), err];
}

Deno.test("runProgram() suggests a correction for a mistyped command or option", async () => {
  const cases: [string[], string][] = [
    [["rnu", "ping"], "ftl: Unknown command 'rnu'\n     Did you mean run?\n"],
    [["run", "ping", "--limt", "a"], "\n     Did you mean --limit?\n"],
    [
      ["push", "a", "b", "--dry-run"],
      "\n     To change nothing, use --check\n",
    ],
    [
      ["man", "pattern"],
      "ftl: Unknown topic 'pattern'\n     Use patterns, inventory, modules, jobs or console",
    ],
  ];
  for (const [argv, guess] of cases) {
    const [status, err] = await errorOf(...argv);
    assertEquals(status, 2);
    assertStringIncludes(err, guess);
  }
});

Deno.test("runProgram() refuses invalid option values", async () => {
  const cases: [string[], string][] = [
    [["--fanout", "0"], "--fanout 0: it is not a whole number above 0"],
    [
      ["--timeout", "soon"],
      "Cannot use --timeout soon: it is not a duration\n     Write seconds",
    ],
    [
      ["--format", "xml"],
      "Cannot use --format xml: it is not a known value\n     Use text, json,",
    ],
  ];
  for (const [argv, reason] of cases) {
    const [status, err] = await errorOf("run", "ping", ...argv);
    assertEquals(status, 2);
    assertStringIncludes(err, reason);
  }
});

Deno.test("exec --list-hosts needs no command", async () => {
  let out = "";
  const argv = ["exec", "-i", "web1,web2,", "-l", "web2", "--list-hosts"];
  const context = processContext(new AbortController().signal);
  const status = await runProgram(argv, {
    ...context,
    out: (text) => out += text,
  }, subcommandsFor);
  assertEquals([status, out], [0, "web2\n"]);
});

Deno.test("runProgram() without arguments shows help and fails", async () => {
  const [status, err] = await errorOf();
  assertEquals(status, 2);
  assertStringIncludes(err, "Usage: ftl COMMAND");
});

Deno.test("help fits 80 columns", async () => {
  const commands =
    "run|exec|push|fetch|console|open|sessions|close|gate|gate build|gate list|" +
    "inventory|inventory list|module|module doc|runs|runs show|jobs|jobs list|" +
    "jobs wait|jobs cancel|config|demo|doctor|completions|man|licenses";
  for (const command of ["", ...commands.split("|")]) {
    let help = "";
    const context: Context = {
      ...processContext(new AbortController().signal),
      out: (text) => void (help += text),
      isTerminal: { in: false, out: false, err: false },
    };
    const words = command.split(" ").filter((word) => word !== "");
    assertEquals(
      await runProgram([...words, "--help"], context, subcommandsFor),
      0,
    );
    const long = help.split("\n").filter((line) => line.length > 80);
    assertEquals(long, [], command);
  }
});

import { assertEquals, assertThrows } from "@std/assert";
import { readSshArgs } from "../../../src/core/route/ssh_args.ts";

/** The lines of ssh_config for arguments that are separated by spaces. */
function lines(args: string): string[] {
  return readSshArgs(args === "" ? [] : args.split(" ")).own.flatMap((node) =>
    node.kind === "set" ? [`${node.keyword} ${node.rest}`] : []
  );
}

Deno.test("readSshArgs() reads options as lines, in order", () => {
  assertEquals(lines("-J jump -p 2222 -oUser=ann -4 -A"), [
    "proxyjump jump",
    "port 2222",
    "user ann",
    "addressfamily inet",
    "forwardagent yes",
  ]);
});

Deno.test("readSshArgs() reads joined letters, and a value after its letter", () => {
  assertEquals(lines("-4Ap2222"), [
    "addressfamily inet",
    "forwardagent yes",
    "port 2222",
  ]);
});

Deno.test("readSshArgs() ignores options without effect on commands", () => {
  assertEquals(lines("-C -qv -T"), []);
  assertEquals(lines(""), []);
});

Deno.test("readSshArgs() keeps the first file of -F", () => {
  assertEquals(readSshArgs(["-F", "a", "-Fb"]), { own: [], config: "a" });
});

Deno.test("readSshArgs() refuses what ftl cannot follow", () => {
  const refusals: [string, string][] = [
    ["-w 1", "Cannot use -w of ansible_ssh_common_args: ftl has no equivalent"],
    ["host", "Cannot use host of ansible_ssh_common_args: it is not an option"],
    ["--x", "Cannot use --x of ansible_ssh_common_args: it is not an option"],
    ["-4p", "Cannot use -p of ansible_ssh_common_args: its value is missing"],
    ["-oHost=x", "Cannot use -o Host=x of ansible_ssh_common_args: it sets"],
    ["-o #", "Cannot use -o # of ansible_ssh_common_args: it sets nothing"],
  ];
  for (const [args, message] of refusals) {
    assertThrows(() => lines(args), SyntaxError, message);
  }
});

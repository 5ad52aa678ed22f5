// The ansible-core that is installed on this machine, for tests that compare
// with what Ansible itself does.
import { dirname, join } from "@std/path";
import { findProgram, type Need, need } from "./need.ts";

/** An ansible-core and the interpreter that it runs on. */
export interface NeedAnsible extends Need {
  readonly python: string;
  /** The folder of its modules. */
  readonly modules: string;
}

/** States that a test needs ansible-core. */
export function needAnsible(): NeedAnsible {
  const python = interpreterOf(findProgram("ansible"));
  const found = need("ansible-core", python && packagePath(python));
  return {
    ...found,
    python: python ?? "",
    modules: join(found.path, "modules"),
  };
}

/** Runs a Python program, gives it text, and reads the JSON that it prints. */
export async function runPython(
  python: string,
  script: URL,
  input: string,
): Promise<unknown> {
  const child = new Deno.Command(python, {
    args: [script.pathname],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout } = await child.output();
  if (code !== 0) throw new Error(`${script.pathname} ended with ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function interpreterOf(program: string | undefined): string | undefined {
  if (program === undefined) return undefined;
  const first = Deno.readTextFileSync(program).split("\n", 1)[0]!;
  return /^#!\s*(\/\S+)$/.exec(first)?.[1];
}

function packagePath(python: string): string | undefined {
  const { code, stdout } = new Deno.Command(python, {
    args: ["-c", "import ansible; print(ansible.__file__)"],
    stderr: "null",
  }).outputSync();
  const path = new TextDecoder().decode(stdout).trim();
  return code === 0 ? dirname(path) : undefined;
}

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
  // Modules write logs into the working folder.
  const cwd = await Deno.makeTempDir({ prefix: "ftl-python-" });
  const child = new Deno.Command(python, {
    args: [script.pathname],
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout } = await child.output();
  await Deno.remove(cwd, { recursive: true });
  if (code !== 0) throw new Error(`${script.pathname} ended with ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/**
 * Runs `ansible` with an empty environment besides `env`, and returns what its
 * task gave on each host.
 *
 * @throws {Error} with its stderr, when it prints no results.
 */
export async function runAnsible(
  args: readonly string[],
  env: Readonly<Record<string, string>> & { readonly HOME: string },
): Promise<Record<string, Record<string, unknown>>> {
  const { stdout, stderr } = await new Deno.Command("ansible", {
    args: [...args],
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      LC_ALL: "C.UTF-8",
      ANSIBLE_STDOUT_CALLBACK: "json",
      ANSIBLE_LOAD_CALLBACK_PLUGINS: "1",
      ...env,
    },
    clearEnv: true,
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!text.includes("{")) throw new Error(new TextDecoder().decode(stderr));
  const { plays } = JSON.parse(text.slice(text.indexOf("{")));
  return plays[0].tasks[0].hosts;
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

// The Python interpreters of this machine, one per version, so that the gate's
// Python is tested on all that hosts may have.
import { join } from "@std/path";
import { findProgram, type Need, need } from "./need.ts";

/** One interpreter. */
export interface Interpreter {
  /** Major and minor: `"3.6"`. */
  readonly version: string;
  readonly path: string;
}

/** The versions that a gate runs on and that tests ask for by name. */
export const SUPPORTED = [
  "3.6",
  "3.7",
  "3.8",
  "3.9",
  "3.10",
  "3.11",
  "3.12",
  "3.13",
] as const;

let found: readonly Interpreter[] | undefined;

/**
 * Finds the installed interpreters, oldest first, including 2.7.
 *
 * Of several with one version the first found counts: PATH, then pyenv, then
 * /usr/bin.
 */
export function interpreters(): readonly Interpreter[] {
  return found ??= findInterpreters();
}

/** States that a test needs the Python of one version, `"3.6"`. */
export function needPython(version: string): Need {
  const path = interpreters().find((python) => python.version === version);
  return need(`python${version}`, path?.path);
}

function findInterpreters(): Interpreter[] {
  const names = ["python3", ...SUPPORTED.map((v) => `python${v}`), "python2.7"];
  const candidates = [
    ...names.map(findProgram),
    ...pyenvInterpreters(),
    "/usr/bin/python3",
  ];
  const byVersion = new Map<string, string>();
  for (const path of new Set(candidates)) {
    const version = path && versionOf(path);
    if (version && !byVersion.has(version)) byVersion.set(version, path);
  }
  return [...byVersion].map(([version, path]) => ({ version, path }))
    .sort((a, b) => minor(a) - minor(b));
}

/** Its rank by age: 2.7 is older than every 3. */
function minor({ version }: Interpreter): number {
  const [major, minor] = version.split(".").map(Number);
  return (major ?? 0) * 1000 + (minor ?? 0);
}

function pyenvInterpreters(): string[] {
  // HOME may be a test's own; pyenv is in the real one.
  const root = Deno.env.get("PYENV_ROOT") ??
    join(Deno.env.get("HOME") ?? "/root", ".pyenv");
  const versions = join(root, "versions");
  try {
    return [...Deno.readDirSync(versions)]
      .map((entry) => join(versions, entry.name, "bin", "python"));
  } catch {
    return []; // no pyenv here
  }
}

function versionOf(path: string): string | undefined {
  const code = "import sys; print('%d.%d' % sys.version_info[:2])";
  try {
    const { success, stdout } = new Deno.Command(path, {
      args: ["-S", "-c", code],
      stdin: "null",
      stderr: "null",
    }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined; // a name without an interpreter
  }
}

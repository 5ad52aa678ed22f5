// Lints and format-checks the Python below src/ with ruff, without Python or ruff
// on the machine. With --fix it writes the formatted text; findings of the rules
// are fixed by hand.
// deno-lint-ignore-file no-console
import {
  type Diagnostic,
  PositionEncoding,
  Workspace,
} from "@astral-sh/ruff-wasm-nodejs";
import { fromFileUrl, join, relative } from "@std/path";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

// The gate runs on Python 3.6, but ruff's lowest version is 3.7. So rules that ask
// for features of 3.7 are left out (`text=` and `capture_output=` of subprocess),
// and the one that calls version checks outdated. `%` is allowed, because bytes
// have no other formatting, and text is formatted like bytes.
const RULES = {
  select: ["E", "F", "W", "B", "I", "UP"],
  ignore: ["UP021", "UP022", "UP031", "UP036"],
  isort: { "known-first-party": ["ftl_gate"] },
};

// Files that run before the host's Python version is known must parse on 2.7, so no
// rule may ask for modern syntax.
const READ_BY_ANY_PYTHON = new Set([
  "bootstrap.py",
  "elevate.py",
  "hold_file.py",
  "stage.py",
]);

/** A problem in a file; line and column count from 1. */
export interface Finding {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Lints and formats Python text; `formatted` is null when it cannot be parsed. */
export function lintPython(
  text: string,
  options: { anyPython?: boolean } = {},
): { findings: Finding[]; formatted: string | null } {
  const workspace = new Workspace({
    "target-version": "py37",
    "line-length": 88,
    lint: options.anyPython
      ? { ...RULES, select: RULES.select.filter((rule) => rule !== "UP") }
      : RULES,
  }, PositionEncoding.Utf16);
  const diagnostics: Diagnostic[] = workspace.check(text);
  const findings = diagnostics.map(({ code, message, start_location }) => ({
    line: start_location.row,
    column: start_location.column,
    message: `${message} (${code ?? "syntax"})`,
  }));
  const isPython = diagnostics.every(({ code }) => code !== "invalid-syntax");
  return { findings, formatted: isPython ? workspace.format(text) : null };
}

/** Lints every file below a folder, and returns the number of findings. */
async function lintFolder(
  folder: string,
  options: { fix: boolean },
): Promise<number> {
  let count = 0;
  for await (const path of pythonFiles(folder)) {
    const text = await Deno.readTextFile(path);
    const name = relative(ROOT, path);
    const { findings, formatted } = lintPython(text, {
      anyPython: READ_BY_ANY_PYTHON.has(name.split("/").at(-1)!),
    });
    for (const { line, column, message } of findings) {
      console.log(`${name}:${line}:${column}: ${message}`);
      count++;
    }
    if (formatted === null || formatted === text) continue;
    if (options.fix) {
      await Deno.writeTextFile(path, formatted);
      console.log(`${name}: formatted`);
    } else {
      const line = firstDifference(text, formatted);
      console.log(`${name}:${line}:1: Not formatted; run deno task fmt`);
      count++;
    }
  }
  return count;
}

async function* pythonFiles(folder: string): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory, isFile } of entries) {
    const path = join(folder, name);
    if (isDirectory) yield* pythonFiles(path);
    else if (isFile && name.endsWith(".py")) yield path;
  }
}

function firstDifference(a: string, b: string): number {
  const other = b.split("\n");
  const at = a.split("\n").findIndex((line, i) => line !== other[i]);
  return at === -1 ? other.length : at + 1;
}

if (import.meta.main) {
  lintFolder(join(ROOT, "src"), { fix: Deno.args.includes("--fix") })
    .then((count) => Deno.exit(count === 0 ? 0 : 1));
}

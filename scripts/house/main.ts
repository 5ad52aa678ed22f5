// Checks the rules of the house: layers, circles, names and English. Prints one
// line for each fault. Paths as arguments show only the faults below them.
// deno-lint-ignore-file no-console
import { fromFileUrl } from "@std/path";
import { findCircles } from "./circles.ts";
import { checkEnglish } from "./english.ts";
import { checkImport, checkText } from "./layers.ts";
import { checkNames } from "./names.ts";
import { checkPythonImports } from "./python_imports.ts";
import { listFiles, readImports } from "./read_imports.ts";

/** Checks the checkout at `root`; every message names a file. */
export async function checkSources(root: string): Promise<string[]> {
  const files = await listFiles(root, "src");
  const imports = await readImports(
    root,
    files.filter((file) => file.endsWith(".ts")),
  );
  return [
    ...imports.flatMap(checkImport),
    ...findCircles(imports),
    ...await checkPythonImports(root, files),
    ...await checkNames(root, files),
    ...(await Promise.all(files.map((file) => checkText(root, file)))).flat(),
  ];
}

/** The files that git tracks. */
async function trackedFiles(root: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-z"],
    cwd: root,
  }).output();
  return new TextDecoder().decode(stdout).split("\0").filter((path) => path);
}

if (import.meta.main) {
  const root = fromFileUrl(new URL("../..", import.meta.url));
  const messages = [
    ...await checkSources(root),
    ...await checkEnglish(root, await trackedFiles(root)),
  ].filter((message) =>
    Deno.args.length === 0 ||
    Deno.args.some((path) => message.startsWith(path))
  );
  for (const message of messages) console.log(message);
  Deno.exit(messages.length === 0 ? 0 : 1);
}

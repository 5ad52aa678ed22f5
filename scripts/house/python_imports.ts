// Finds circles of imports between the Python files of the gate's runtime. Files
// are parsed, so that imports inside functions count too. A circle that only a
// function closes does no harm today, but ties its files together all the same.
import { parser } from "@lezer/python";
import { join } from "@std/path";
import { circlesOf } from "./circles.ts";

const FOLDER = "src/gate/runtime";
const PACKAGE = "ftl_gate";

/**
 * Checks those of the files that belong to the runtime of the checkout at
 * `root`; every message names a file.
 */
export async function checkPythonImports(
  root: string,
  files: readonly string[],
): Promise<string[]> {
  const runtime = files.filter((file) =>
    file.startsWith(`${FOLDER}/`) && file.endsWith(".py")
  );
  const known = new Set(runtime);
  const edges: (readonly [string, string])[] = [];
  for (const file of runtime) {
    const text = await Deno.readTextFile(join(root, file));
    for (const name of importedModules(text)) {
      const target = `${FOLDER}/${name.replaceAll(".", "/")}.py`;
      if (known.has(target)) edges.push([file, target]);
    }
  }
  return circlesOf(edges).map((circle) =>
    `${circle[0]}: Files import each other in a circle: ${circle.join(" > ")}`
  );
}

/** The modules of the package that a file imports, as `ftl_gate.frames`. */
function importedModules(text: string): string[] {
  const modules: string[] = [];
  parser.parse(text).iterate({
    enter: ({ name, from, to }) => {
      if (name !== "ImportStatement") return;
      modules.push(...modulesOf(text.slice(from, to)));
    },
  });
  return modules;
}

/** Reads one statement: `import a.b as c, d` or `from .a import (b, c as d)`. */
function modulesOf(statement: string): string[] {
  const plain = statement.replace(/#.*|[\\()]/g, " ").replace(/\s+/g, " ");
  const [, from, names] = /^(?:from (.*?) )?import (.*)$/.exec(plain.trim()) ??
    [];
  if (names === undefined) return [];
  const imported = names.split(",").map((name) => name.trim().split(" ")[0]!);
  if (from === undefined) return imported;
  const base = from.replaceAll(" ", "")
    .replace(/^\./, `${PACKAGE}.`).replace(/\.$/, "");
  // What is taken from a package may be a file; from a file it never is.
  return [base, ...imported.map((name) => `${base}.${name}`)];
}

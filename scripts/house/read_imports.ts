// Reads the imports of the TypeScript files below src/ with Deno itself
// (`deno info`), so that static, dynamic and type imports are all seen.
import { fromFileUrl, join, relative, toFileUrl } from "@std/path";

/** An import in a file below src/; paths are relative to the checkout. */
export interface Import {
  readonly from: string;
  /** Counted from 1. */
  readonly line: number;
  readonly specifier: string;
  /** The file that it resolves to; absent for packages. */
  readonly to?: string;
}

/** The part of `deno info --json` that is used here. */
interface ModuleGraph {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: {
      specifier: string;
      code?: Resolution;
      type?: Resolution;
    }[];
  }[];
}

interface Resolution {
  specifier?: string;
  span?: { start: { line: number } };
}

/** Lists the files of a folder of the checkout, sorted, as relative paths. */
export async function listFiles(
  root: string,
  folder: string,
): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(root, folder)));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  const lists = entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? listFiles(root, path) : Promise.resolve([path]);
  });
  return (await Promise.all(lists)).flat();
}

/**
 * Reads the imports of these files.
 *
 * @throws {Error} when a file cannot be parsed: a file without imports would
 * pass every check.
 */
export async function readImports(
  root: string,
  files: readonly string[],
): Promise<Import[]> {
  const folder = await Deno.makeTempDir();
  try {
    const entry = join(folder, "entry.ts");
    const urls = files.map((file) => toFileUrl(join(root, file)).href);
    await Deno.writeTextFile(
      entry,
      urls.map((url) => `import ${JSON.stringify(url)};\n`).join(""),
    );
    const graph = await readGraph(root, entry);
    const wanted = new Set(urls);
    return graph.modules.filter(({ specifier }) => wanted.has(specifier))
      .flatMap((module) => importsOf(root, module));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readGraph(root: string, entry: string): Promise<ModuleGraph> {
  const config = join(root, "deno.json");
  const hasConfig = await Deno.stat(config).then(() => true, () => false);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "info",
      "--json",
      "--no-lock",
      "--no-npm",
      ...(hasConfig ? ["--config", config] : ["--no-config"]),
      entry,
    ],
  }).output();
  if (code === 0) return JSON.parse(new TextDecoder().decode(stdout));
  throw new Error(
    `Cannot read the imports of ${root}: ${new TextDecoder().decode(stderr)}`,
  );
}

function importsOf(
  root: string,
  module: ModuleGraph["modules"][number],
): Import[] {
  const from = relative(root, fromFileUrl(module.specifier));
  if (module.error !== undefined) {
    throw new Error(`Cannot read the imports of ${from}: ${module.error}`);
  }
  return (module.dependencies ?? []).map(({ specifier, code, type }) => {
    const resolution = code ?? type;
    const url = resolution?.specifier;
    return {
      from,
      line: (resolution?.span?.start.line ?? 0) + 1,
      specifier,
      ...(url?.startsWith("file:")
        ? { to: relative(root, fromFileUrl(url)) }
        : {}),
    };
  });
}

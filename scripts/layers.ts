// Checks the house's rules on imports (docs/architecture.md): which folder may
// import which, who may import the heavy packages, no circles, no printing or
// exiting below cli, no file of over 400 lines. Imports are read by Deno itself
// (`deno info`), so static, dynamic and type imports are all seen.
// deno-lint-ignore-file no-console
import { fromFileUrl, join, relative, toFileUrl } from "@std/path";

// From the bottom up; an import may only point to a lower row.
const ROWS: readonly (readonly string[])[] = [
  ["errors"],
  ["async"],
  ["protocol", "inventory", "store", "transport"],
  ["gate"],
  ["core"],
  ["output"],
  ["console"],
  ["mod"],
  ["cli"],
];

const PACKAGES = [
  {
    name: "ssh2",
    // The demo's hosts are servers; no client is written there.
    files: /^src\/(?:transport\/ssh(?:[^/]*\.ts$|\/)|cli\/demo\/)/,
    place: "src/transport/ssh* and src/cli/demo/",
  },
  {
    name: "fflate",
    files: /^src\/gate\/zipapp\.ts$/,
    place: "src/gate/zipapp.ts",
  },
];

// Beside src/ itself, what its files may import from the checkout.
const BESIDE = /^(?:std\/|deno\.json$)/;

const MAX_LINES = 400;

/** An import in a file below src/; paths are relative to the checkout. */
interface Import {
  readonly from: string;
  /** Counted from 1. */
  readonly line: number;
  readonly specifier: string;
  /** What it resolves to; absent for packages. */
  readonly to?: string;
}

/** Checks the checkout at `root`; every message names a file. */
export async function checkLayers(root: string): Promise<string[]> {
  const files = (await Array.fromAsync(filesBelow(join(root, "src"))))
    .map((path) => relative(root, path));
  const imports = await readImports(
    root,
    files.filter((file) => file.endsWith(".ts")),
  );
  return [
    ...imports.flatMap(checkImport),
    ...findCircles(imports),
    ...(await Promise.all(files.map((file) => checkText(root, file)))).flat(),
  ];
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory } of entries) {
    const path = join(folder, name);
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/** The part of `deno info --json` that is used here. */
interface Graph {
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

async function readImports(
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

async function readGraph(root: string, entry: string): Promise<Graph> {
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

function importsOf(root: string, module: Graph["modules"][number]): Import[] {
  const from = relative(root, fromFileUrl(module.specifier));
  // A file that cannot be parsed has no imports to check; types are checked
  // elsewhere, but silence here would pass for approval.
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

function checkImport({ from, line, specifier, to }: Import): string[] {
  const place = `${from}:${line}`;
  if (to === undefined) {
    return PACKAGES
      .filter(({ name, files }) =>
        packageOf(specifier) === name && !files.test(from)
      )
      .map((rule) =>
        `${place}: ${rule.name} may be imported in ${rule.place} only`
      );
  }
  if (!to.startsWith("src/")) {
    return BESIDE.test(to)
      ? []
      : [`${place}: ${to} is no part of src, and may not be imported there`];
  }
  const [lower, higher] = [layerOf(to), layerOf(from)];
  if (rowOf(higher) === -1) {
    return [`${place}: ${higher} is none of the house's layers`];
  }
  return lower === higher || rowOf(lower) < rowOf(higher)
    ? []
    : [`${place}: ${higher} may not import ${lower} (${to})`];
}

/** The name of the package that a bare or `npm:` specifier means. */
function packageOf(specifier: string): string {
  return specifier.replace(/^npm:\/?/, "").match(/^(?:@[^/]*\/)?[^/@]*/)![0];
}

/** `core` for `src/core/run.ts`, `errors` for `src/errors.ts`. */
function layerOf(path: string): string {
  return path.split("/")[1]!.replace(/\.ts$/, "");
}

function rowOf(layer: string): number {
  return ROWS.findIndex((row) => row.includes(layer));
}

function findCircles(imports: readonly Import[]): string[] {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    if (to === undefined || to === from) continue;
    targets.set(from, (targets.get(from) ?? new Set()).add(to));
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  function visit(file: string): void {
    const at = path.indexOf(file);
    if (at !== -1) {
      const circle = [...path.slice(at), file].join(" > ");
      circles.push(`${file}: Files import each other in a circle: ${circle}`);
    }
    if (at !== -1 || done.has(file)) return;
    path.push(file);
    for (const target of targets.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  }
  for (const file of targets.keys()) visit(file);
  return circles;
}

async function checkText(root: string, file: string): Promise<string[]> {
  const lines = (await Deno.readTextFile(join(root, file))).split("\n");
  const messages = lines.length - 1 > MAX_LINES
    ? [`${file}: ${lines.length - 1} lines are over the ${MAX_LINES} allowed`]
    : [];
  if (!file.endsWith(".ts") || layerOf(file) === "cli") return messages;
  for (const [i, line] of lines.entries()) {
    if (/^\s*(?:\/\/|\/?\*)/.test(line)) continue;
    const use = line.match(/\bDeno\.exit\b|\bprocess\.exit\b|\bconsole\.\w+\(/);
    if (use === null) continue;
    const name = use[0].replace("(", "");
    messages.push(`${file}:${i + 1}: ${name} may be used in src/cli only`);
  }
  return messages;
}

if (import.meta.main) {
  checkLayers(fromFileUrl(new URL("..", import.meta.url))).then((messages) => {
    for (const message of messages) console.log(message);
    Deno.exit(messages.length === 0 ? 0 : 1);
  });
}

// Bundles main.ts into the few JavaScript files of a binary. Code that is loaded on
// demand stays in separate files, so that a command pays only for what it uses.
// The same sources give the same bytes in any folder.
import * as esbuild from "esbuild";
import { builtinModules } from "node:module";
import { fromFileUrl, join, relative } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { runtimeHash } from "../../src/gate/format/runtime_hash.ts";

/** The file of a bundle that is run. */
export const ENTRY = "main.js";

/**
 * Deno's permissions for ftl. It reads and writes files, reaches hosts and runs
 * programs, with which a program can do anything. Deno opens `/dev/tty`,
 * `/dev/fd/N` and `/proc` only with all permissions, and questions at the terminal
 * and `@<(command)` need those.
 */
export const PERMISSIONS: readonly string[] = ["--allow-all"];

/**
 * V8's options. By default the young generation grows to 16 MiB for each half when
 * much is allocated at a time, and never shrinks. Hosts that are under way outlive
 * many collections of a small one: with 1 MiB, 1,500 hosts cost 3.8 ms of CPU time
 * each, with 4 MiB 3.6, with 8 MiB 3.2 and 15 MB more in all, with 16 MiB 2.9 and 40 MB.
 *
 * The old generation is collected when it has doubled, by default only at three or
 * four times its size: a run on 10,000 hosts then takes 309 MB instead of 443, for 2%
 * more CPU time; at half as much again it would take 261 MB, for 10% more.
 */
export const V8_FLAGS: readonly string[] = [
  "--max-semi-space-size=8",
  "--heap-growing-percent=100",
];

/**
 * V8's options where Deno keeps compiled code, after the others. It keeps what is
 * compiled before a file runs, and by default V8 compiles functions when they are
 * called. A start of `ftl run` costs a sixth less, the first one a tenth more. And by
 * default V8 parses a whole file again for the place of an error that is thrown in
 * it, caught or not.
 */
export const CACHED_V8_FLAGS: readonly string[] = [
  ...V8_FLAGS,
  "--no-lazy",
  "--no-enable-lazy-source-positions",
];

/**
 * What is a bundle of its own beside the others, with all that it imports: it shares
 * no file with them, so that its start is one file. Only main.ts may import it, on
 * demand, and does nothing else in that process.
 */
const APART = "src/cli/main_of_scripts.ts";

/** What a thread of its own runs: it imports nothing that it does not need. */
const THREAD = "src/cli/process/watchdog.ts";

/** The program as a few files of JavaScript. */
export interface Bundle {
  /** Contents by name. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The npm packages in it: `name@version`, sorted. */
  readonly packages: readonly string[];
}

/**
 * Bundles a program.
 *
 * @param root The checkout, with its `node_modules`.
 * @param entry The file of the checkout that is run.
 * @throws {Error} when an import cannot be resolved.
 */
export async function bundle(
  root: string,
  entry = "main.ts",
): Promise<Bundle> {
  try {
    const apart = await bundleOnce(root, APART, {});
    const main = await bundleOnce(root, entry, { apart: apart.entry });
    const files = main.usesApart
      ? new Map([...apart.files, ...main.files])
      : main.files;
    const outputs = main.usesApart
      ? [...apart.outputs, ...main.outputs]
      : main.outputs;
    return {
      files: new Map([...files].sort(([a], [b]) => a < b ? -1 : 1)),
      packages: packagesOf(outputs),
    };
  } finally {
    await esbuild.stop();
  }
}

/** Bundles a file, with the name of what is apart, if it may import that. */
async function bundleOnce(
  root: string,
  entry: string,
  { apart }: { apart?: string },
) {
  let usesApart = false;
  const options = {
    absWorkingDir: root,
    entryPoints: [{
      in: entry,
      out: apart === undefined ? "apart" : ENTRY.replace(/\.js$/, ""),
    }],
    entryNames: apart === undefined ? "[hash]" : "[name]",
    outdir: "dist",
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    mainFields: ["module", "main"],
    legalComments: "none",
    chunkNames: "[hash]",
    // The variants without Node's modules load in half the time.
    alias: {
      yaml: join(root, "node_modules/yaml/browser/index.js"),
      fflate: join(root, "node_modules/fflate/esm/browser.js"),
    },
    // ssh2 reads these, and finds nothing there.
    define: { __dirname: '"/"', __filename: '"/"' },
    plugins: [
      importMap(root),
      lightCommander,
      nodeBuiltins,
      noWindows,
      computedHash,
      setApart(root, () => {
        usesApart = true;
        return apart!;
      }),
    ],
    logLevel: "silent",
  } satisfies esbuild.BuildOptions;
  const { metafile: { inputs } } = await esbuild.build(options);
  const { outputFiles, metafile } = await esbuild.build({
    ...options,
    plugins: [
      ...options.plugins,
      joinStart(root, loadedBefore(inputs, entry)),
    ],
  });
  const texts = outputFiles.map(({ path, text }) =>
    [path.slice(join(root, "dist/").length), text] as const
  );
  const own = Object.entries(metafile.outputs)
    .find(([, { entryPoint }]) => entryPoint === entry)![0];
  return {
    entry: own.slice("dist/".length),
    // A chunk whose constants were all inlined is empty, and the launcher takes an
    // empty file for damage.
    files: new Map(
      [...skipStubs(new Map(texts))].map(([name, text]) => [
        name,
        new TextEncoder().encode(hideImports(text) || "\n"),
      ]),
    ),
    outputs: Object.values(metafile.outputs),
    usesApart,
  };
}

/** The hash of the runtime, in place of what computes it. */
const computedHash: esbuild.Plugin = {
  name: "computed hash",
  setup(build) {
    build.onLoad({ filter: /\/gate\/format\/runtime_hash\.ts$/ }, async () => {
      const hash = JSON.stringify(await runtimeHash());
      return { contents: `export const runtimeHash = async () => ${hash};` };
    });
  },
};

/** Replaces the import of what is apart by that of its file. */
function setApart(root: string, name: () => string): esbuild.Plugin {
  return {
    name: "set apart",
    setup(build) {
      const filter = /\/main_of_scripts\.ts$/;
      build.onResolve(
        { filter },
        ({ path, kind, resolveDir }) =>
          kind === "dynamic-import" &&
            join(resolveDir, path) === join(root, APART)
            ? { path: `./${name()}`, external: true }
            : null,
      );
    },
  };
}

/** A file that only hands on what others export: of one, the names. */
const STUB =
  /^import\{([^}]+)\}from"\.\/([^"]+)";(?:import"[^"]+";)*export\{([^}]+)\};\n?$/;

/**
 * Files that import on demand what they have themselves get it without an import,
 * which would take Deno half a millisecond each time.
 */
function skipStubs(files: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    [...files].map(([name, text]) => {
      const [, exported] = /export\{([^}]+)\};\n?$/.exec(text) ?? [];
      const local = namesIn(exported ?? "");
      const skip = (statement: string, stub: string) => {
        const [, imported, from, given] = STUB.exec(files.get(stub) ?? "") ??
          [];
        if (from !== name) return statement;
        const alias = namesIn(imported!);
        const members = [...namesIn(given!)].map(([outer, inner]) =>
          `${outer}:${local.get(alias.get(inner)!)}`
        );
        return `Promise.resolve({${members.join(",")}})`;
      };
      return [name, text.replace(/\bimport\("\.\/([^"]+)"\)/g, skip)];
    }),
  );
}
/** The names in `a as b,c`, by those that they are given: `b` of `a`, `c` of `c`. */
function namesIn(list: string): Map<string, string> {
  return new Map(
    list.split(",").map((each) => {
      const [name = "", given = name] = each.split(" as ");
      return [given, name];
    }),
  );
}

/**
 * Deno preloads every literal `import()` and its imports before the first line
 * runs, which costs `--version` 6 ms; so the names are not literals.
 */
function hideImports(text: string): string {
  return text.replace(
    /\bimport\(("(?:\.\/|node:)[^"]+")\)/g,
    "import(String($1))",
  );
}

/**
 * For each file that is loaded on demand, the files that were loaded before it on
 * every way from the entry: itself, its dominators, and the imports of the entry.
 */
function loadedBefore(
  inputs: esbuild.Metafile["inputs"],
  entry: string,
): Map<string, Set<string>> {
  const before = new Map([[entry, new Set(importsOf(inputs, entry).first)]]);
  const waiting = [entry];
  for (const path of waiting) {
    for (const next of importsOf(inputs, path).later) {
      if (next === THREAD) continue;
      const here = new Set(before.get(path)!).add(next);
      const known = before.get(next);
      const both = known?.intersection(here) ?? here;
      if (both.size === known?.size) continue;
      before.set(next, both);
      waiting.push(next);
    }
  }
  return before;
}

/** What a file imports at once, and what it or its imports load on demand. */
function importsOf(inputs: esbuild.Metafile["inputs"], path: string) {
  const targets = (from: string, kind: string) =>
    inputs[from]!.imports
      .filter((found) => found.kind === kind && !found.external)
      .map((found) => found.path);
  const reached = new Set([path]);
  for (const each of reached) {
    for (const next of targets(each, "import-statement")) reached.add(next);
  }
  return {
    first: targets(path, "import-statement"),
    later: [...reached].flatMap((each) => targets(each, "dynamic-import")),
  };
}

/**
 * Lets files that are loaded on demand import what was loaded before them. esbuild
 * makes a file of each set of modules that are needed together: else the modules
 * of every start would be in twenty files, of half a millisecond each.
 */
function joinStart(
  root: string,
  before: ReadonlyMap<string, ReadonlySet<string>>,
): esbuild.Plugin {
  return {
    name: "join start",
    setup(build) {
      build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
        const found = before.get(relative(root, path));
        if (found === undefined) return null;
        const lines = [...found].map((each) => join(root, each))
          .filter((each) => each !== path)
          .map((each) => `import ${JSON.stringify(each)};\n`);
        return {
          contents: lines.join("") + await Deno.readTextFile(path),
          loader: "ts",
        };
      });
    },
  };
}

/** The packages that contribute at least a byte to the bundle. */
function packagesOf(outputs: esbuild.Metafile["outputs"][string][]): string[] {
  const used = outputs.flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /\/\.deno\/([^/]+)\//.exec(path)?.[1])
    .filter((name) => name !== undefined);
  return [...new Set(used)].map((name) => name.replace("+", "/")).sort();
}

/** Resolves names that deno.json maps to files of the checkout. */
function importMap(root: string): esbuild.Plugin {
  const files = Object.entries(config.imports)
    .filter(([, target]) => target.startsWith("./"));
  return {
    name: "import map",
    setup(build) {
      for (const [name, target] of files) {
        build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({
          path: join(root, target),
        }));
      }
    },
  };
}

/**
 * Node's own modules, which Deno has under names with `node:`. CommonJS loads them
 * where it runs, not at the start of the bundle. Compiled addons are left out;
 * packages that try to load one work without it.
 */
const nodeBuiltins: esbuild.Plugin = {
  name: "node builtins",
  setup(build) {
    const names = builtinModules.filter((name) => !name.includes("/"));
    const filter = new RegExp(`^(node:)?(${names.join("|")})(/promises)?$`);
    build.onResolve({ filter }, ({ path, kind }) => {
      const name = `node:${path.replace(/^node:/, "")}`;
      return kind === "require-call"
        ? { path: name, namespace: "builtin" }
        : { path: name, external: true };
    });
    build.onLoad({ filter: /^/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule("${path}")`,
    }));
    build.onResolve(
      { filter: /\.node$/ },
      ({ path }) => ({ path, namespace: "addon" }),
    );
    build.onLoad({ filter: /^/, namespace: "addon" }, () => ({
      contents: 'throw new Error("There are no compiled addons here")',
    }));
  },
};

/** Commander with a minimal version of Node's modules; see light_node.ts. */
const lightCommander: esbuild.Plugin = {
  name: "light commander",
  setup(build) {
    const folder = fromFileUrl(new URL(".", import.meta.url));
    build.onResolve(
      { filter: /^node:/ },
      ({ path, importer }) =>
        importer.includes("/commander/") ? { path, namespace: "light" } : null,
    );
    build.onLoad({ filter: /^/, namespace: "light" }, ({ path }) => ({
      contents: `export * from "./light_node.ts";
        export { ${path.slice(5)} as default } from "./light_node.ts";`,
      resolveDir: folder,
    }));
  },
};

/**
 * @std/path asks `process` whether it runs on Windows, which makes Deno load all of
 * Node's `process` in 13 ms. No binary is made for Windows.
 */
const noWindows: esbuild.Plugin = {
  name: "no windows",
  setup(build) {
    build.onLoad({ filter: /\/deno-std\/internal\/_?os\.js$/ }, () => ({
      contents: "export const isWindows = false;",
    }));
  },
};

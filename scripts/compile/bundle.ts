// From main.ts to the few files of JavaScript that a binary holds: everything
// that is loaded on demand stays a file of its own, so that what a command does
// not use costs it nothing. The same sources give the same bytes in any folder.
import * as esbuild from "esbuild";
import { builtinModules } from "node:module";
import { dirname, fromFileUrl, join } from "@std/path";
import config from "../../deno.json" with { type: "json" };

/** The file of a bundle that is to be run. */
export const ENTRY = "main.js";

/**
 * What ftl may do, as Deno's command line takes it. It reads and writes files,
 * reaches hosts, and runs programs; with these a program can do anything, and
 * Deno opens `/dev/tty`, `/dev/fd/N` and `/proc` only for who may do everything:
 * questions at the terminal, and `@<(command)`, need that.
 */
export const PERMISSIONS: readonly string[] = ["--allow-all"];

/**
 * How V8 is to be set. By itself it makes room for garbage, 16 MiB for each half
 * of the young generation, as soon as much is allocated at a time, and never
 * gives it back: a third of what open gates seem to take. A small one costs
 * nothing: it stays in the processor's cache.
 */
export const V8_FLAGS: readonly string[] = ["--max-semi-space-size=1"];

/** The program as a few files of JavaScript. */
export interface Bundle {
  /** Name to content. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The npm packages that are in it: `name@version`, sorted. */
  readonly packages: readonly string[];
}

/**
 * Bundles a program.
 *
 * @param root The checkout; its `node_modules` must be there.
 * @param entry The file that is run, in there.
 * @throws {Error} when an import cannot be resolved.
 */
export async function bundle(
  root: string,
  entry = "main.ts",
): Promise<Bundle> {
  try {
    const { outputFiles, metafile } = await esbuild.build({
      absWorkingDir: root,
      entryPoints: [{ in: entry, out: ENTRY.replace(/\.js$/, "") }],
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
      loader: { ".wasm": "binary" },
      // The same without Node's modules around it: half the time to load.
      alias: { yaml: join(root, "node_modules/yaml/browser/index.js") },
      // ssh2 asks for these and finds nothing there.
      define: { __dirname: '"/"', __filename: '"/"' },
      plugins: [
        importMap(root),
        lightCommander,
        nodeBuiltins,
        noWindows,
        templates,
      ],
      logLevel: "silent",
    });
    const files = outputFiles.map(({ path, text }) =>
      [path.slice(join(root, "dist/").length), hideImports(text)] as const
    );
    return {
      files: new Map(
        files.sort(([a], [b]) => a < b ? -1 : 1)
          .map(([name, text]) => [name, new TextEncoder().encode(text)]),
      ),
      packages: packagesOf(Object.values(metafile.outputs)),
    };
  } finally {
    await esbuild.stop();
  }
}

/**
 * Deno reads ahead whatever an `import()` names in plain sight, and what that
 * imports in turn, before the first line runs: 6 ms for `--version`.
 */
function hideImports(text: string): string {
  return text.replace(
    /\bimport\(("(?:\.\/|node:)[^"]+")\)/g,
    "import(String($1))",
  );
}

/** The packages of which at least a byte is in the bundle. */
function packagesOf(outputs: esbuild.Metafile["outputs"][string][]): string[] {
  const used = outputs.flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /\/\.deno\/([^/]+)\//.exec(path)?.[1])
    .filter((name) => name !== undefined);
  return [...new Set(used)].map((name) => name.replace("+", "/")).sort();
}

/** What deno.json maps to files of ours. */
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
 * Node's own modules, which Deno has under names with `node:`. CommonJS asks for
 * them where it is run, not where the bundle begins. Compiled addons are left
 * out: whoever asks for one does without.
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

/** Commander, with the little that it uses of Node; see the file. */
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
 * @std/path asks `process` whether it runs on Windows, which makes Deno load all
 * of Node's process: 13 ms. No binary is made for Windows.
 */
const noWindows: esbuild.Plugin = {
  name: "no windows",
  setup(build) {
    build.onLoad({ filter: /\/deno-std\/internal\/_?os\.js$/ }, () => ({
      contents: "export const isWindows = false;",
    }));
  },
};

/** minijinja-js with its WebAssembly inside; its own entry reads a file. */
const templates: esbuild.Plugin = {
  name: "templates",
  setup(build) {
    build.onResolve({ filter: /^minijinja-js$/ }, async (args) => {
      if (args.pluginData === "inner") return null;
      const { resolveDir, kind } = args;
      const options = { resolveDir, kind, pluginData: "inner" };
      const { path } = await build.resolve(args.path, options);
      return {
        path: args.path, // a file's own path would be in the chunk's name
        namespace: "minijinja",
        pluginData: join(dirname(path), "../bundler"),
      };
    });
    build.onLoad({ filter: /^/, namespace: "minijinja" }, (args) => ({
      contents: `import * as glue from "./minijinja_js_bg.js";
        import bytes from "./minijinja_js_bg.wasm";
        const { exports } = new WebAssembly.Instance(
          new WebAssembly.Module(bytes), { "./minijinja_js_bg.js": glue });
        glue.__wbg_set_wasm(exports);
        export * from "./minijinja_js_bg.js";`,
      resolveDir: args.pluginData,
    }));
  },
};

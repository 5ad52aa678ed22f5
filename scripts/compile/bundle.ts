// Bundles main.ts into the few JavaScript files of a binary. Code that is loaded on
// demand stays in separate files, so that a command pays only for what it uses.
// The same sources give the same bytes in any folder.
import * as esbuild from "esbuild";
import { builtinModules } from "node:module";
import { dirname, fromFileUrl, join } from "@std/path";
import config from "../../deno.json" with { type: "json" };

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
 * much is allocated at a time, and never shrinks: a third of what open gates seem
 * to use. A small one costs nothing, because it stays in the processor's cache.
 */
export const V8_FLAGS: readonly string[] = ["--max-semi-space-size=1"];

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
        templates,
      ],
      logLevel: "silent",
    });
    const files = outputFiles.map(({ path, text }) =>
      // A chunk whose constants were all inlined is empty, and the launcher takes
      // an empty file for damage.
      [
        path.slice(join(root, "dist/").length),
        hideImports(text) || "\n",
      ] as const
    );
    return {
      files: new Map(
        files.sort(([a], [b]) => a < b ? -1 : 1)
          // A shared file may have no code, and one that is empty looks damaged.
          .map((
            [name, text],
          ) => [name, new TextEncoder().encode(text || "\n")]),
      ),
      packages: packagesOf(Object.values(metafile.outputs)),
    };
  } finally {
    await esbuild.stop();
  }
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

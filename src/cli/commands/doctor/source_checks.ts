// Checks what the options name: modules, collections, packages and the inventory.
// Everything is opened as a run would open it.
import { join } from "@std/path";
import { openInventorySources } from "../../../core/input/inventory_sources.ts";
import { Reader } from "../../../gate/sources/build_inputs.ts";
import { openLibrary, resolveSources } from "../../../gate/sources/library.ts";
import { moduleFiles } from "../../../gate/modules/module_files.ts";
import { collectSite } from "../../../gate/requirements/site_packages.ts";
import { loadInventory } from "../../../inventory/load.ts";
import type { Context } from "../context.ts";
import type { HostOptions, ModuleOptions } from "../../options/options.ts";
import { sourcesOf } from "../../input/module_sources.ts";
import { type Check, count, failed } from "./check.ts";

type Library = Awaited<ReturnType<typeof openLibrary>>;

/** Checks the sources of modules and of what they import. */
export async function checkModules(
  options: ModuleOptions,
  context: Context,
): Promise<Check[]> {
  const { moduleDir = [], moduleUtils = [], collectionsPath = [] } = options;
  if ([moduleDir, moduleUtils, collectionsPath].flat().length === 0) {
    return [await suggestSources(context), ...await packages(options)];
  }
  try {
    const reader = new Reader();
    const library = await openLibrary(
      resolveSources(sourcesOf(options)),
      reader,
    );
    return [
      await modules(library, reader),
      ...await collections(library),
      ...await packages(options),
    ];
  } catch (error) {
    return [failed("modules", error)];
  }
}

async function modules(library: Library, reader: Reader): Promise<Check> {
  const details: string[] = [];
  let total = 0;
  for (const dir of library.dirs) {
    const files = await Array.fromAsync(moduleFiles(reader, dir));
    total += files.length;
    details.push(`${dir}: ${count(files.length, "file")}`);
  }
  if (library.core) details.push(`${library.core}: ${await coreOf(library)}`);
  const from = library.dirs.join(", ") || "no folder";
  const found = `${count(total, "possible module")} in ${from}` +
    (library.core ? `; ${await coreOf(library)}` : "");
  return total > 0 || library.dirs.length === 0
    ? { name: "modules", verdict: "ok", found, details }
    : {
      name: "modules",
      verdict: "warn",
      found,
      remedy: "Name the folder of the modules with -M",
      details,
    };
}

async function coreOf({ core, reader }: Library): Promise<string> {
  try {
    const { bytes } = await reader.read(join(core!, "release.py"));
    const text = new TextDecoder().decode(bytes);
    const version = /^__version__ = ['"]([^'"]+)/m.exec(text)?.[1];
    return `ansible-core ${version ?? "of an unknown version"}`;
  } catch {
    return "ansible-core of an unknown version"; // its modules work all the same
  }
}

async function collections(library: Library): Promise<Check[]> {
  const { paths } = library.collections;
  if (paths.length === 0) return [];
  const names = await library.collections.names();
  const details: string[] = [];
  for (const name of names) {
    const collection = await library.collections.find(name);
    const version = await versionOf(collection!.tree);
    details.push(version ? `${name} ${version}` : name);
  }
  const some = details.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "");
  return [{
    name: "collections",
    verdict: names.length > 0 ? "ok" : "warn",
    found: `${count(names.length, "collection")} in ${paths.join(", ")}` +
      (some && `: ${some}`),
    ...(names.length === 0 && {
      remedy:
        "Name ansible_collections, the folder above it, or a folder of tarballs",
    }),
    details,
  }];
}

type Tree = NonNullable<
  Awaited<ReturnType<Library["collections"]["find"]>>
>["tree"];

async function versionOf(tree: Tree): Promise<string | undefined> {
  try {
    if ((await tree.list(""))?.get("MANIFEST.json") !== "file") {
      return undefined;
    }
    const { bytes } = await tree.read("MANIFEST.json");
    const manifest = JSON.parse(new TextDecoder().decode(bytes));
    return String(manifest.collection_info.version);
  } catch {
    return undefined; // it was never published
  }
}

/** Checks that the packages that modules import are available. */
async function packages(options: ModuleOptions): Promise<Check[]> {
  if (!options.requirements?.length && !options.wheelhouse?.length) return [];
  try {
    const { requirements = [], wheelhouses = [] } = resolveSources(
      sourcesOf(options),
    );
    const { files, warnings } = await collectSite(new Reader(), {
      requirements,
      wheelhouses,
    });
    const wheels = [...files.keys()].filter((path) =>
      path.endsWith(".dist-info/METADATA")
    );
    return [{
      name: "packages",
      verdict: warnings.length > 0 ? "warn" : "ok",
      found: warnings[0] ??
        `${count(wheels.length, "package")} from ${wheelhouses.join(", ")}`,
      details: warnings,
    }];
  } catch (error) {
    return [failed("packages", error)];
  }
}

async function suggestSources(context: Context): Promise<Check> {
  const places = await ansibleFolders(context.env("HOME") ?? "/");
  return {
    name: "modules",
    verdict: "warn",
    found: places.length === 0
      ? "No folder is named, and Ansible's were not found"
      : `No folder is named; found: ${places.map(([, at]) => at).join(", ")}`,
    remedy: places.length === 0
      ? "Name a folder of modules with -M or FTL_MODULE_DIR"
      : `Use ${places.map(([option, at]) => `${option} ${at}`).join(" ")}`,
  };
}

/** Folders where distributions, pip and ansible-galaxy install modules. */
async function ansibleFolders(
  home: string,
): Promise<[option: string, path: string][]> {
  const libraries: string[] = [];
  for (const lib of ["/usr/lib", "/usr/local/lib", join(home, ".local/lib")]) {
    for (const python of await foldersIn(lib, /^python3(?:\.\d+)?$/)) {
      libraries.push(...await foldersIn(python, /^(?:dist|site)-packages$/));
    }
  }
  const candidates = [
    ...libraries.map((path) => ["-M", join(path, "ansible/modules")] as const),
    ...[
      ...libraries,
      join(home, ".ansible/collections"),
      "/usr/share/ansible/collections",
    ].map((path) =>
      ["--collections-path", join(path, "ansible_collections")] as const
    ),
  ];
  const found: [string, string][] = [];
  for (const [option, path] of candidates) {
    const info = await Deno.stat(path).catch(() => undefined);
    if (info?.isDirectory) found.push([option, path]);
  }
  return found;
}

async function foldersIn(folder: string, named: RegExp): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder)))
      .map(({ name }) => name).filter((name) => named.test(name)).sort()
      .map((name) => join(folder, name));
  } catch {
    return []; // no such folder, or not readable
  }
}

/** Checks that the inventory can be read. */
export async function checkInventory(
  { inventory }: HostOptions,
): Promise<Check> {
  const name = "inventory";
  if (inventory === undefined) {
    return {
      name,
      verdict: "ok",
      found: "None named (use -i or FTL_INVENTORY)",
    };
  }
  try {
    const { hosts, groups, warnings } = await loadInventory(
      inventory,
      openInventorySources(),
    );
    const found = `${count(hosts.size, "host")} in ${
      count(groups.size, "group")
    }, from ${inventory.join(" ")}`;
    const [first] = warnings;
    if (first !== undefined) {
      return {
        name,
        verdict: "warn",
        found: `${found}; ${first}`,
        details: warnings,
      };
    }
    return hosts.size > 0 ? { name, verdict: "ok", found } : {
      name,
      verdict: "warn",
      found,
      remedy: "Add hosts to it, or name another inventory",
    };
  } catch (error) {
    return failed(name, error);
  }
}

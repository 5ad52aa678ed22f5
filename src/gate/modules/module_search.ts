// Searches for a module by name: in module folders, then the folders below them,
// then in collections for full names, then where routing redirects the name.
import { basename, dirname, join, resolve } from "@std/path";
import { BuildError } from "../../errors.ts";
import type { Collection } from "../sources/collections.ts";
import type { ModuleRouting } from "../sources/routing.ts";
import type { Reader, SourceFile } from "../sources/build_inputs.ts";
import { collectionPath, type Library } from "../sources/library.ts";
import {
  chooseFile,
  chooseInCollection,
  IN_FOLDERS,
  moduleFiles,
  moduleStem,
} from "./module_files.ts";

/** Whether a name is a full one: `ns.coll.module`. */
export const FULL_NAME = /^[a-z_]\w*\.[a-z_]\w*\.[\w.]+$/i;

const MAX_REDIRECTS = 8;

/** A module's file. */
export interface FoundModule {
  readonly file: SourceFile;
  /** The path in an archive from which Python imports it, if it has one. */
  readonly importable: string | undefined;
  /** See `ModuleFile.hasAction`. */
  readonly hasAction: boolean;
  /** The PowerShell file that Ansible runs instead of it; its folder has one. */
  readonly powershell: string | undefined;
}

/** One search for a module, redirects included. */
export class ModuleSearch {
  /** Warnings for the user: that a module is deprecated. */
  readonly warnings: string[] = [];
  readonly #library: Library;

  constructor(library: Library) {
    this.#library = library;
  }

  async find(name: string, redirects = 0): Promise<FoundModule | undefined> {
    if (redirects > MAX_REDIRECTS) {
      throw new BuildError(
        `Cannot find module ${name}: its redirects form a circle`,
      );
    }
    if (name.includes("/")) return await this.#findFile(name);
    const legacy = /^ansible\.legacy\.(.+)$/.exec(name)?.[1];
    if (legacy !== undefined) {
      return await this.#findPlain(legacy, redirects) ??
        await this.#findInCore(legacy, redirects);
    }
    return await this.#findPlain(name, redirects);
  }

  async #findPlain(
    name: string,
    redirects: number,
  ): Promise<FoundModule | undefined> {
    const found = await this.#findInDirs(name);
    if (found !== undefined) return found;
    if (FULL_NAME.test(name)) return await this.#findFull(name, redirects);
    const deprecated = await this.#findInDirs(`_${name}`);
    if (deprecated !== undefined) {
      return await this.#asDeprecated(name, deprecated);
    }
    const routing = await this.#library.coreRouting();
    return await this.#follow(
      name,
      await routing.find(name, "modules"),
      redirects,
    );
  }

  /** Warns about a module whose file's name starts with `_`. */
  async #asDeprecated(name: string, found: FoundModule): Promise<FoundModule> {
    const { path } = found.file;
    const target = (await Deno.lstat(path)).isSymlink
      ? moduleStem(await Deno.readLink(path))
      : undefined;
    this.warnings.push(
      target === undefined
        ? `Module ${name} is deprecated: its file is ${basename(path)}`
        : `Module name ${name} is deprecated: it is now ${target}`,
    );
    return found;
  }

  async #findFile(name: string): Promise<FoundModule | undefined> {
    const path = resolve(name);
    try {
      if ((await Deno.stat(path)).isFile) return await this.#read(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    throw new BuildError(`Cannot read module ${name}: it is not a file`);
  }

  async #findInDirs(name: string): Promise<FoundModule | undefined> {
    const { dirs, reader } = this.#library;
    for (const dir of dirs) {
      for (const choice of IN_FOLDERS) {
        const file = chooseFile(await reader.list(dir), name, choice);
        if (file !== undefined) return await this.#read(join(dir, file));
      }
    }
    if (FULL_NAME.test(name)) return undefined;
    for (const dir of dirs) {
      for (const choice of IN_FOLDERS) {
        const path = await findBelow(
          reader,
          dir,
          (file) => choice(file, name),
        );
        if (path !== undefined) return await this.#read(path);
      }
    }
    return undefined;
  }

  async #findFull(
    name: string,
    redirects: number,
  ): Promise<FoundModule | undefined> {
    const [, collectionName = "", rest = ""] = /^(\w+\.\w+)\.(.*)$/.exec(name)!;
    if (/^ansible\.(?:builtin|legacy)$/.test(collectionName)) {
      return await this.#findInCore(rest, redirects);
    }
    const collection = await this.#library.collections.find(collectionName);
    if (collection === undefined) return undefined;
    const route = await collection.route(rest, "modules");
    const moved = await this.#follow(name, route, redirects);
    if (moved !== undefined) return moved;
    const stem = `plugins/modules/${rest.replaceAll(".", "/")}`;
    const folder = dirname(stem);
    const entries = await collection.tree.list(folder);
    const file = chooseInCollection(entries, basename(stem));
    if (file === undefined) return undefined;
    const root = `ansible_collections/${collectionName.replace(".", "/")}`;
    const powershell = `${basename(stem)}.ps1`;
    return {
      file: await collection.tree.read(`${folder}/${file}`),
      importable: `${root}/${folder}/${file}`,
      hasAction: await hasAction(collection, file),
      powershell: entries?.has(powershell) ? powershell : undefined,
    };
  }

  async #findInCore(
    name: string,
    redirects: number,
  ): Promise<FoundModule | undefined> {
    const { core, reader } = this.#library;
    if (core === undefined) return undefined;
    for (const file of [`${name}.py`, `_${name}.py`]) {
      const path = await findBelow(
        reader,
        join(core, "modules"),
        (each) => each === file,
      );
      if (path === undefined) continue;
      const found = await this.#read(path);
      return file.startsWith("_")
        ? await this.#asDeprecated(name, found)
        : found;
    }
    const route = await (await this.#library.coreRouting()).find(
      name,
      "modules",
    );
    return await this.#follow(name, route, redirects);
  }

  /** Follows a redirect; undefined when the route has none. */
  async #follow(
    name: string,
    route: ModuleRouting | undefined,
    redirects: number,
  ): Promise<FoundModule | undefined> {
    if (route?.tombstone !== undefined) {
      throw new BuildError(
        `Cannot run module ${name}: it was removed${
          explain(route.tombstone.warning_text)
        }`,
      );
    }
    if (route?.deprecation !== undefined) {
      this.warnings.push(
        `Module ${name} is deprecated${
          explain(route.deprecation.warning_text)
        }`,
      );
    }
    if (route?.redirect === undefined) return undefined;
    const found = await this.find(route.redirect, redirects + 1);
    if (found === undefined) {
      throw new BuildError(
        `Cannot find module ${name}: it has moved to ${route.redirect}, which does not exist`,
        { hint: "Name the folder of its collection in `collections`" },
      );
    }
    return found;
  }

  async #read(path: string): Promise<FoundModule> {
    const { core, reader, collections } = this.#library;
    const file = await reader.read(path);
    const sibling = `${moduleStem(path)}.ps1`;
    const siblings = await reader.list(dirname(path));
    const powershell = siblings?.has(sibling) ? sibling : undefined;
    if (core !== undefined && path.startsWith(`${core}/modules/`)) {
      const actions = await reader.list(join(core, "plugins/action"));
      return {
        file,
        importable: `ansible${path.slice(core.length)}`,
        hasAction: actions?.get(basename(path)) === "file",
        powershell,
      };
    }
    const importable = collectionPath(path);
    if (importable === undefined) {
      return { file, importable, hasAction: false, powershell };
    }
    const [, ns, coll] = importable.split("/");
    const collection = (await collections.find(`${ns}.${coll}`))!;
    return {
      file,
      importable,
      hasAction: await hasAction(collection, path),
      powershell,
    };
  }
}

// NETWORK_GROUP_MODULES of ansible-core's configuration.
const NETWORKS =
  "aireos aruba asa bigip ce dellos10 dellos6 dellos9 enos eos exos ios iosxr " +
  "ironware junos netconf nxos onyx slxos sros voss vyos";

/**
 * Whether Ansible runs an action plugin instead of a collection's module: one of
 * the same name, one that routing names, or that of a family of network devices
 * (`_get_action_handler_with_module_context` of executor/task_executor.py).
 */
async function hasAction(
  collection: Collection,
  path: string,
): Promise<boolean> {
  const name = moduleStem(path);
  const plugins = await collection.tree.list("plugins/action");
  const has = (plugin: string) => plugins?.get(`${plugin}.py`) === "file";
  const family = name.split("_")[0]!;
  if (has(name) || (NETWORKS.split(" ").includes(family) && has(family))) {
    return true;
  }
  const route = await collection.route(name, "modules");
  if (route?.action_plugin !== undefined) return true;
  return (await collection.route(name, "action"))?.redirect !== undefined;
}

async function findBelow(
  reader: Reader,
  dir: string,
  isWanted: (file: string) => boolean,
): Promise<string | undefined> {
  for await (const path of moduleFiles(reader, dir, { deprecated: true })) {
    if (isWanted(basename(path))) return path;
  }
  return undefined;
}

function explain(text: string | undefined): string {
  return text === undefined ? "" : `: ${text.trim().replace(/\.$/, "")}`;
}

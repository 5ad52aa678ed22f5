// Turns options into the sources of modules.
import type { ModuleSources } from "../../gate/sources/library.ts";
import type { ModuleOptions } from "../options/options.ts";

/** The folders and files that the options name as sources of modules. */
export function sourcesOf(options: ModuleOptions): ModuleSources {
  return {
    dirs: options.moduleDir ?? [],
    moduleUtils: options.moduleUtils ?? [],
    collections: options.collectionsPath ?? [],
    requirements: options.requirements ?? [],
    wheelhouses: options.wheelhouse ?? [],
  };
}

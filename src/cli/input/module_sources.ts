// From options to the places that modules come from.
import type { ModuleSources } from "../../gate/sources/library.ts";
import type { ModuleOptions } from "../options/options.ts";

/** Where the options say that modules come from. */
export function sourcesOf(options: ModuleOptions): ModuleSources {
  return {
    dirs: options.moduleDir ?? [],
    moduleUtils: options.moduleUtils ?? [],
    collections: options.collectionsPath ?? [],
    requirements: options.requirements ?? [],
    wheelhouses: options.wheelhouse ?? [],
  };
}

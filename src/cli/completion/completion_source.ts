// The candidates for completion in the console and in shells. Each list is loaded
// once, and only when it is needed.
import type { CompletionSource } from "../../console/lines/complete_line.ts";
import { ACTIONS } from "../../core/actions/registry.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { filesWithPrefix } from "../options/named_files.ts";
import { sourcesOf } from "../input/module_sources.ts";
import type { ModuleOptions } from "../options/options.ts";

/** Whether ftl refuses a module, so that completing it would be of no use. */
function isRefused(module: string): boolean {
  return ACTIONS.get(module)?.instead !== undefined;
}

/** Makes the source for an inventory and the folders that the options name. */
export function createCompletionSource(
  inventory: Inventory,
  options: ModuleOptions,
): CompletionSource {
  const sources = sourcesOf(options);
  let modules: Promise<string[]> | undefined;
  const parameters = new Map<
    string,
    ReturnType<CompletionSource["parameters"]>
  >();
  return {
    hosts: [...inventory.hosts.keys()],
    groups: [...inventory.groups.keys()],
    modules: () =>
      modules ??= import("../../gate/modules/module_list.ts")
        .then(({ listModuleNames }) => listModuleNames(sources))
        .then((names) => names.filter((name) => !isRefused(name))),
    parameters: (module) => {
      let known = parameters.get(module);
      if (known === undefined) {
        known = import("../../gate/modules/module_documentation.ts")
          .then(({ readDocumentation }) => readDocumentation(module, sources))
          .then((documentation) => documentation.parameters);
        parameters.set(module, known);
      }
      return known;
    },
    files: filesWithPrefix,
  };
}

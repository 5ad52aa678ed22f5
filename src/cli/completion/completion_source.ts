// The candidates for completion in the console and in shells. Each list is loaded
// once, and only when it is needed.
import type { CompletionSource } from "../../console/lines/complete_line.ts";
import { ACTIONS, fullActionName } from "../../core/actions/registry.ts";
import type { ModuleSources } from "../../gate/sources/library.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { filesWithPrefix } from "../options/named_files.ts";
import { sourcesOf } from "../input/module_sources.ts";
import type { ModuleOptions } from "../options/options.ts";

/** The modules that ftl runs: the others would be refused. */
async function withoutRefused(
  names: readonly string[],
  sources: ModuleSources,
): Promise<string[]> {
  const isRefused = (fullName: string | undefined) =>
    fullName !== undefined && ACTIONS.get(fullName)?.instead !== undefined;
  const { ModuleFinder } = await import("../../gate/modules/module_finder.ts");
  const finder = new ModuleFinder(sources);
  const runs = await Promise.all(names.map(async (name) => {
    if (!isRefused(fullActionName(name))) return true;
    // A module of the user's own may have such a name.
    const located = await finder.locate(name).catch(() => undefined);
    return !isRefused(located?.fullName);
  }));
  return names.filter((_, at) => runs[at]);
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
    // A session may add some.
    get hosts() {
      return [...inventory.hosts.keys()];
    },
    get groups() {
      return [...inventory.groups.keys()];
    },
    modules: () =>
      modules ??= import("../../gate/modules/module_list.ts")
        .then(({ listModuleNames }) => listModuleNames(sources))
        .then((names) => withoutRefused(names, sources)),
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

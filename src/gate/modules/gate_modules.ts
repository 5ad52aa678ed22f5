// The modules that go into a gate: those that are named, and those that the actions
// of named ones call.
import { BuildError } from "../../errors.ts";
import type { Library } from "../sources/library.ts";
import { actionParts, builtinName } from "./action_parts.ts";
import { findIn, fullModuleName, type ModuleFile } from "./module_lookup.ts";
import { listIn } from "./module_names.ts";
import { ModuleSearch } from "./module_search.ts";

/**
 * The modules of a gate for one name. A module that Ansible runs on its controller
 * brings the modules that its action calls; it is itself left out when it is only
 * documentation.
 *
 * @throws {BuildError} when a module is not found, or cannot run.
 */
export async function gateModules(
  library: Library,
  name: string,
): Promise<ModuleFile[]> {
  const found = await new ModuleSearch(library).find(name);
  const fullName = found === undefined
    ? builtinName(name)
    : found.importable && fullModuleName(found.importable);
  const parts = actionParts(fullName);
  if (parts === undefined || (found === undefined && parts.needs.length > 0)) {
    return [await findIn(library, name)];
  }
  const needed = await Promise.all(
    parts.needs.map((part) => findPart(library, part)),
  );
  const optional = [name, ...parts.wants].map((part) =>
    (part === name ? findIn(library, name) : findPart(library, part))
      .catch(skipUnavailable)
  );
  const wanted = (await Promise.all(optional)).filter((each) =>
    each !== undefined
  );
  return unique([...needed, ...wanted]);
}

/** The modules of a gate for everything in `dirs`, and why some are left out. */
export async function allGateModules(
  library: Library,
): Promise<{ found: ModuleFile[]; skipped: Record<string, string> }> {
  const found: ModuleFile[] = [];
  const skipped: Record<string, string> = {};
  for (const name of await listIn(library)) {
    try {
      found.push(...await gateModules(library, name));
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const { message } = error.cause instanceof BuildError
        ? error.cause
        : error;
      skipped[name] = message;
    }
  }
  return { found: unique(found), skipped };
}

/** A part by its short name, as actions look it up: the user's own first. */
async function findPart(library: Library, part: string): Promise<ModuleFile> {
  return { ...await findIn(library, `ansible.legacy.${part}`), name: part };
}

function skipUnavailable(error: unknown): undefined {
  if (!(error instanceof BuildError)) throw error;
}

function unique(modules: readonly ModuleFile[]): ModuleFile[] {
  const byName = new Map(
    modules.map((module) => [`${module.name} ${module.entry}`, module]),
  );
  return [...byName.values()];
}

// Lists all modules of folders and collections, with a one-line summary of each.
// For lists and completion: nothing is run, and listing names reads no module.
import { decodePython } from "../imports/python_text.ts";
import { Reader } from "../sources/build_inputs.ts";
import {
  type Library,
  type ModuleSources,
  openLibrary,
  resolveSources,
} from "../sources/library.ts";
import { actionParts } from "./action_parts.ts";
import { findReadable } from "./module_lookup.ts";
import { listIn, modulesOf } from "./module_names.ts";
import { readSignature } from "./native_signature.ts";

/** A module in a list. */
export interface ListedModule {
  readonly name: string;
  /** Empty when its documentation has none. */
  readonly summary: string;
}

/**
 * The names of all modules, sorted: plain ones from folders, full ones from
 * collections.
 *
 * @throws {BuildError} when a source does not exist.
 */
export async function listModuleNames(
  sources: ModuleSources,
): Promise<string[]> {
  return await namesIn(await open(sources));
}

/**
 * All modules that ftl can run, with their summaries. Reads every module.
 *
 * @throws {BuildError} when a source does not exist.
 */
export async function listModulesWithSummaries(
  sources: ModuleSources,
): Promise<ListedModule[]> {
  const library = await open(sources);
  const modules: ListedModule[] = [];
  for (const name of await namesIn(library)) {
    try {
      const { bytes, kind, fullName } = await findReadable(library, name);
      if (kind === "powershell") continue;
      if (kind === "action" && actionParts(fullName) === undefined) continue;
      const text = kind === "binary" ? "" : decodePython(bytes);
      const summary = kind === "native"
        ? summaryOfNative(text)
        : summaryIn(text);
      modules.push({ name, summary });
    } catch {
      // It cannot run, or was removed: calling it by name reports why.
    }
  }
  return modules;
}

async function open(sources: ModuleSources): Promise<Library> {
  return await openLibrary(resolveSources(sources), new Reader());
}

async function namesIn(library: Library): Promise<string[]> {
  const names = await listIn(library);
  for (const name of await library.collections.names()) {
    const collection = await library.collections.find(name);
    if (collection) names.push(...await modulesOf(collection));
  }
  return [...new Set(names)].sort();
}

/**
 * The `short_description` of a DOCUMENTATION. Parses neither Python nor YAML,
 * because thousands of modules are listed at once.
 */
export function summaryIn(text: string): string {
  const at = text.search(/^DOCUMENTATION\s*=/m);
  if (at < 0) return "";
  const match = /^( *)short_description *:[ \t]*(.*(?:\n\1[ \t]+\S.*)*)/m
    .exec(text.slice(at));
  return (match?.[2] ?? "").replace(/^[>|][-+]?\s*\n/, "")
    .replace(/\s+/g, " ").trim()
    .replace(/^(["'])(.*)\1$/, "$2").replace(/\.$/, "");
}

function summaryOfNative(text: string): string {
  const { docstring = "" } = readSignature(text) ?? {};
  return docstring.trim().split(/\n\s*\n/, 1)[0]!.replace(/\s+/g, " ")
    .replace(/\.$/, "");
}

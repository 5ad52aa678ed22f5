// Finds the file of a module by its name: a plain name in the module folders, a
// full name in collections, or a path. Every caller gets the same file for a
// name: in each folder in order `NAME.py`, `NAME`, `NAME.*`; then in the folders
// below them; then `_NAME.*`, which is deprecated; then where ansible-core's routing redirects the name.
import { extname } from "@std/path";
import { BuildError } from "../../errors.ts";
import { detectKind, isDocumentationOnly } from "./module_kind.ts";
import type { Library } from "../sources/library.ts";
import type { ModuleKind } from "../format/manifest.ts";
import { moduleStem } from "./module_files.ts";
import { moduleNotFound } from "./module_not_found.ts";
import { type FoundModule, FULL_NAME, ModuleSearch } from "./module_search.ts";

/** A module that was found, with its content. */
export interface ModuleFile {
  /** The name that was looked up, without extension: calls use it. */
  readonly name: string;
  /** Where it was read from, for errors. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The SHA-256 of `bytes`. */
  readonly sha256: string;
  readonly kind: ModuleKind;
  /** Its path inside an archive. */
  readonly entry: string;
  /** See `Located.hasAction`. */
  readonly hasAction: boolean;
  /** Warnings for the user: that it is deprecated. */
  readonly warnings: readonly string[];
}

/** What is known of a module by its location. */
export interface Located {
  /** `ansible.builtin.copy`; undefined outside ansible-core and collections. */
  readonly fullName: string | undefined;
  /**
   * Whether there is an action plugin of the same name: Ansible runs that one
   * instead, on the controller, and the module as a part of it.
   */
  readonly hasAction: boolean;
}

/**
 * The full name of the module at a path of an archive: `ansible.builtin.copy`
 * of `ansible/modules/copy.py`. Undefined when Python cannot import it by name.
 */
export function fullModuleName(entry: string): string | undefined {
  const [, core] = /^ansible\/modules\/(?:.*\/)?(\w+)\.py$/.exec(entry) ?? [];
  if (core !== undefined) return `ansible.builtin.${core}`;
  const [, ns, coll, name] =
    /^ansible_collections\/(\w+)\/(\w+)\/plugins\/modules\/(.+)\.py$/
      .exec(entry) ?? [];
  return name && `${ns}.${coll}.${name.replaceAll("/", ".")}`;
}

/** Does what `findModule` does, in an open library. */
export async function findIn(
  library: Library,
  name: string,
  options: { native?: boolean } = {},
): Promise<ModuleFile> {
  const { found, warnings } = await search(library, name);
  refusePowerShell(name, found);
  const kind = kindOf(name, found, options);
  return { ...describe(name, found, kind), kind, warnings };
}

/** Does what `ModuleFinder.locate` does, in an open library. */
export async function locateIn(
  library: Library,
  name: string,
): Promise<Located | undefined> {
  const found = await new ModuleSearch(library).find(name);
  if (found === undefined) return undefined;
  refusePowerShell(name, found);
  const { importable, hasAction } = found;
  const fullName = importable && fullModuleName(importable);
  return { fullName, hasAction };
}

/** A module that is read for its documentation. */
export interface ReadableModule extends Omit<ModuleFile, "kind"> {
  /**
   * `action`: it is only the documentation of an action plugin; `powershell`: of a
   * PowerShell module.
   */
  readonly kind: ModuleKind | "action" | "powershell";
  /** See `Located.fullName`. */
  readonly fullName: string | undefined;
}

/** Finds a module and reads it, even when it is only documentation. */
export async function findReadable(
  library: Library,
  name: string,
): Promise<ReadableModule> {
  const { found, warnings } = await search(library, name);
  const { importable } = found;
  const kind = readableKind(name, found);
  const fullName = importable && fullModuleName(importable);
  return { ...describe(name, found, kind), kind, fullName, warnings };
}

async function search(
  library: Library,
  name: string,
): Promise<{ found: FoundModule; warnings: readonly string[] }> {
  const search = new ModuleSearch(library);
  const found = await search.find(name);
  if (found === undefined) throw await moduleNotFound(library, name);
  return { found, warnings: search.warnings };
}

function readableKind(
  name: string,
  found: FoundModule,
): ReadableModule["kind"] {
  try {
    return kindOf(name, found, {});
  } catch (error) {
    if (!isDocumentationOnly(found.file.bytes)) throw error;
    return found.powershell === undefined ? "action" : "powershell";
  }
}

function kindOf(
  name: string,
  { file }: FoundModule,
  options: { native?: boolean },
): ModuleKind {
  try {
    return detectKind(file.bytes, options);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(
      `Cannot run module ${name}: ${file.path} ${error.message}`,
      { cause: error },
    );
  }
}

function describe(
  name: string,
  found: FoundModule,
  kind: ReadableModule["kind"],
): Omit<ModuleFile, "kind" | "warnings"> {
  const { file, hasAction } = found;
  const key = nameWithoutExtension(name);
  return {
    name: key,
    path: file.path,
    bytes: file.bytes,
    sha256: file.sha256,
    entry: entryOf(key, found, kind),
    hasAction,
  };
}

/**
 * Refuses a module that Ansible runs from a PowerShell file next to it. The module
 * is then only its documentation, unless it is the user's own.
 *
 * @throws {BuildError} when it is one.
 */
function refusePowerShell(name: string, found: FoundModule): void {
  const { powershell, importable, file } = found;
  if (powershell === undefined) return;
  const isOwn = importable === undefined && !file.path.endsWith(".ps1");
  if (isOwn && !isDocumentationOnly(file.bytes)) return;
  throw new BuildError(
    `Cannot run module ${name}: it is a PowerShell module (${powershell})`,
    { hint: "Use Ansible for Windows hosts" },
  );
}

/** `ping` of `ping.py` and of `library/ping.py`; a full name stays whole. */
function nameWithoutExtension(name: string): string {
  if (!name.includes("/") && FULL_NAME.test(name)) return name;
  return moduleStem(name);
}

/** The path of a module in an archive; see `ModuleEntry.path`. */
function entryOf(
  name: string,
  found: FoundModule,
  kind: ReadableModule["kind"],
): string {
  if (kind === "new") {
    return found.importable?.replace(/(?:\.py)?$/, ".py") ??
      `ansible/legacy/${name.replace(/^ansible\.legacy\./, "")}.py`;
  }
  return `modules/${name}${extname(found.file.path)}`;
}

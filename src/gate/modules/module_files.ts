// Which files of a folder are modules, and which of them a name selects. A module's
// name is its file's name without the last extension.
import { basename, extname, join } from "@std/path";
import type { EntryType, Reader } from "../sources/build_inputs.ts";

/** Names of files and folders that are not modules. */
const NOT_MODULES =
  /^(?:[._].*|node_modules|.*~|.*\.(?:ya?ml|json|md|rst|txt|cfg|toml|ini|pyc|pyo|so|ps1|psm1|cs|orig|rej|bak|swp|rpm|retry))$/;

type Entries = ReadonlyMap<string, EntryType>;
type Choice = (file: string, stem: string) => boolean;

const EXACT: Choice = (file, stem) => file === stem;
const PYTHON: Choice = (file, stem) => file === `${stem}.py`;
/** PowerShell too, which is then refused as such. */
const EXTENDED: Choice = (file, stem) =>
  moduleStem(file) === stem && file !== stem &&
  (isModuleEntry(withoutMark(file)) || file.endsWith(".ps1"));

/** The order in a module folder. */
export const IN_FOLDERS: readonly Choice[] = [PYTHON, EXACT, EXTENDED];
/** The order in a collection, which is Ansible's. */
const IN_COLLECTIONS: readonly Choice[] = [EXACT, EXTENDED];

/** `tool` of `tool.py`, `tool.sh` and `tool`. */
export function moduleStem(file: string): string {
  const name = basename(file);
  return name.slice(0, name.length - extname(name).length) || name;
}

/**
 * The file in a folder that a choice selects for a name: the first by name, and
 * PowerShell last, because its documentation is in another file.
 */
export function chooseFile(
  entries: Entries | undefined,
  stem: string,
  choice: Choice,
): string | undefined {
  const files = [...entries ?? []]
    .filter(([file, type]) => type === "file" && choice(file, stem))
    .map(([file]) => file)
    .sort();
  return files.find((file) => !file.endsWith(".ps1")) ?? files[0];
}

/** The file of a collection's module, given the entries of its folder. */
export function chooseInCollection(
  entries: Entries | undefined,
  stem: string,
): string | undefined {
  for (const choice of IN_COLLECTIONS) {
    const file = chooseFile(entries, stem, choice);
    if (file !== undefined) return file;
  }
  return undefined;
}

/** Whether an entry of a folder can be a module, or a folder of modules. */
export function isModuleEntry(name: string): boolean {
  return !NOT_MODULES.test(name);
}

/** A file's name without the `_` that marks a deprecated module. */
function withoutMark(file: string): string {
  return file.replace(/^_(?!_)/, "");
}

/**
 * The paths of possible modules in a folder, and then in the folders below it,
 * sorted by name. Descends three folders, the depth of module trees before
 * ansible-core 2.10: a user may name the root of a project, which holds much
 * more.
 */
export async function* moduleFiles(
  reader: Reader,
  dir: string,
  { depth = 3, deprecated = false } = {},
): AsyncGenerator<string> {
  const isWanted = (name: string) =>
    isModuleEntry(deprecated ? withoutMark(name) : name);
  const entries = [...await reader.list(dir) ?? []]
    .filter(([name]) => isWanted(name)).sort();
  for (const [name, type] of entries) {
    if (type === "file") yield join(dir, name);
  }
  for (const [name, type] of depth > 0 ? entries : []) {
    if (type === "folder" && isModuleEntry(name)) {
      yield* moduleFiles(reader, join(dir, name), {
        depth: depth - 1,
        deprecated,
      });
    }
  }
}

// The error for a module that does not exist: where it was searched, and similar names.
import { BuildError } from "../../errors.ts";
import { findInstalledModules } from "../sources/installed_ansible.ts";
import type { Library } from "../sources/library.ts";
import { listIn, modulesOf } from "./module_names.ts";
import { suggest } from "./suggest_module.ts";

/** The error for a module that does not exist. */
export class ModuleNotFound extends BuildError {
  /** Where it was searched, as a clause. */
  readonly places: string;

  constructor(
    name: string,
    { places, hint }: { places: string; hint: string | undefined },
  ) {
    super(`Cannot find module ${name}: ${places}`, { hint });
    this.places = places;
  }
}

/** Says that a library has no module of a name. */
export async function moduleNotFound(
  library: Library,
  name: string,
): Promise<ModuleNotFound> {
  const collection = /^(\w+\.\w+)\.[\w.]+$/.exec(name)?.[1];
  const places = name.includes("/")
    ? ["the file does not exist"]
    : library.dirs.length === 0
    ? ["no folder of modules is set"]
    : [`it is not in ${library.dirs.join(", ")}`];
  const similar = name.includes("/") ? [] : await similarNames(library, name);
  const hint = [...new Set(similar)].slice(0, 3);
  if (collection !== undefined && !name.includes("/")) {
    const paths = library.collections.paths;
    places.push(
      paths.length === 0
        ? "no collections are set"
        : `not in the collections of ${paths.join(", ")}`,
    );
  }
  return new ModuleNotFound(name, {
    places: places.join(", "),
    hint: hint.length > 0
      ? `Did you mean ${hint.join(", or ")}?`
      : library.dirs.length === 0
      ? await folderHint()
      : undefined,
  });
}

async function folderHint(): Promise<string> {
  const installed = await findInstalledModules();
  return installed === undefined
    ? "Name a folder of modules in `dirs`; for Ansible's, install ansible-core " +
      "here (pip install ansible-core) or unpack it"
    : `Name a folder of modules, such as Ansible's: \`dirs\` ${installed}`;
}

/** Names that are similar to one that was not found. */
async function similarNames(library: Library, name: string): Promise<string[]> {
  const plain = await listIn(library);
  const [, collection, stem] = /^(\w+\.\w+)\.([\w.]+)$/.exec(name) ?? [];
  if (collection === undefined || stem === undefined) {
    return suggest(name, plain);
  }
  const own = ["ansible.builtin", "ansible.legacy"];
  const { collections } = library;
  const known = [...own, ...await collections.names()];
  const near = known.includes(collection)
    ? [collection]
    : suggest(collection, known);
  const names = near.map(async (each) => {
    const found = await collections.find(each);
    const stems = own.includes(each)
      ? plain
      : (found === undefined ? [] : await modulesOf(found))
        .map((full) => full.slice(each.length + 1));
    return suggest(stem, stems).map((one) => `${each}.${one}`);
  });
  return (await Promise.all(names)).flat();
}

// Reads a module's documentation from its source: Ansible's documentation
// strings with their fragments, a YAML file next to it, or the signature of a
// native module. Nothing is run.
import { dirname, join } from "@std/path";
import { BuildError } from "../../errors.ts";
import {
  addFragment,
  type Documentation,
  fragmentsOf,
  type Parameter,
  readSection,
  type Section,
  toDocumentation,
} from "./ansible_documentation.ts";
import { decodePython } from "../imports/python_text.ts";
import { readAssignedStrings } from "./python_strings.ts";
import { findPython, folderTree, type Tree } from "../sources/source_tree.ts";
import { Reader } from "../sources/build_inputs.ts";
import {
  type Library,
  type ModuleSources,
  openLibrary,
  resolveSources,
} from "../sources/library.ts";
import { findReadable, type ReadableModule } from "./module_lookup.ts";
import { readSignature } from "./native_signature.ts";

/** A module with its documentation. */
export interface ModuleDocumentation extends Documentation {
  readonly name: string;
  readonly path: string;
  readonly kind: ReadableModule["kind"];
  /** `ansible.builtin.copy`; absent outside ansible-core and collections. */
  readonly fullName?: string;
  /** False when it has no documentation that ftl can read. */
  readonly isDocumented: boolean;
}

const EXAMPLES = "EXAMPLES";
const RETURN = "RETURN";
const DOCUMENTATION = "DOCUMENTATION";

/**
 * Reads a module's documentation.
 *
 * @throws {BuildError} when the module does not exist, or its documentation
 *   cannot be parsed.
 */
export async function readDocumentation(
  name: string,
  sources: ModuleSources,
): Promise<ModuleDocumentation> {
  const files = name.includes("/") ? [name] : [];
  const library = await openLibrary(
    resolveSources({ ...sources, files }),
    new Reader(),
  );
  const file = await findReadable(library, name);
  const { path, kind, fullName } = file;
  const about = { name: file.name, path, kind, ...(fullName && { fullName }) };
  try {
    const documentation = await readAnsible(library, file) ?? readNative(file);
    return documentation
      ? { ...about, ...documentation, isDocumented: true }
      : { ...about, ...toDocumentation(new Map(), {}), isDocumented: false };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new BuildError(
      `Cannot read the documentation of ${name} in ${path}: ${error.message}`,
      { cause: error },
    );
  }
}

async function readAnsible(
  library: Library,
  file: ReadableModule,
): Promise<Documentation | undefined> {
  if (file.kind === "binary") return await readSidecar(library, file);
  const text = decodePython(file.bytes);
  const strings = text.includes(DOCUMENTATION)
    ? readAssignedStrings(text)
    : new Map<string, string>();
  const own = strings.get(DOCUMENTATION);
  if (own === undefined) return await readSidecar(library, file);
  return toDocumentation(await addFragments(library, readSection(own)), {
    examples: strings.get(EXAMPLES),
    returns: readReturns(strings.get(RETURN)),
  });
}

/**
 * Reads the parameters that a Python module documents; undefined when it has no
 * documentation, or a fragment of it is missing.
 *
 * @throws {SyntaxError} when its documentation cannot be parsed.
 */
export async function readParameters(
  library: Library,
  bytes: Uint8Array,
): Promise<readonly Parameter[] | undefined> {
  const own = readAssignedStrings(decodePython(bytes)).get(DOCUMENTATION);
  if (own === undefined) return undefined;
  let isWhole = true;
  const section = await addFragments(library, readSection(own), () => {
    isWhole = false;
  });
  return isWhole ? toDocumentation(section, {}).parameters : undefined;
}

/** RETURN is often not YAML. It is then left out, and the rest is kept. */
function readReturns(text: string | undefined): Section | undefined {
  try {
    return text === undefined ? undefined : readSection(text);
  } catch {
    return undefined;
  }
}

/** `NAME.yml` next to a module that is not Python (ansible-core 2.14). */
async function readSidecar(
  library: Library,
  { path }: ReadableModule,
): Promise<Documentation | undefined> {
  const stem = path.replace(/\.[^./]*$/, "");
  for (const sidecar of [`${stem}.yml`, `${stem}.yaml`]) {
    const entries = await library.reader.list(dirname(path));
    if (entries?.get(sidecar.slice(dirname(path).length + 1)) !== "file") {
      continue;
    }
    const text = new TextDecoder().decode(
      (await library.reader.read(sidecar)).bytes,
    );
    const sections = readSection(text);
    const module = sections.get(DOCUMENTATION);
    if (!(module instanceof Map)) continue;
    const examples = sections.get(EXAMPLES);
    const returns = sections.get(RETURN);
    return toDocumentation(await addFragments(library, module), {
      ...(typeof examples === "string" && { examples }),
      ...(returns instanceof Map && { returns }),
    });
  }
  return undefined;
}

function readNative(
  { kind, bytes }: ReadableModule,
): Documentation | undefined {
  if (kind !== "native") return undefined;
  const signature = readSignature(decodePython(bytes));
  if (signature === undefined) return undefined;
  const [summary = "", ...description] = (signature.docstring ?? "")
    .trim().split(/\n\s*\n/).map((part) => part.replace(/\s+/g, " ").trim());
  return {
    ...toDocumentation(new Map(), {}),
    summary,
    description,
    parameters: signature.parameters.map((parameter) => ({
      name: parameter.name,
      type: parameter.annotation ?? "any",
      isRequired: parameter.default === undefined,
      ...(parameter.default !== undefined && parameter.default !== "None" &&
        { default: parameter.default.replace(/^(["'])(.*)\1$/, "$2") }),
      choices: [],
      aliases: [],
      description: [],
      parameters: [],
    })),
  };
}

/** Adds the fragments that a DOCUMENTATION extends; missing ones are skipped. */
async function addFragments(
  library: Library,
  module: Section,
  onMissing = () => {},
): Promise<Section> {
  let completed = module;
  for (const name of fragmentsOf(module)) {
    const text = await findFragment(library, name);
    if (text === undefined) onMissing();
    else completed = addFragment(completed, readSection(text));
  }
  return completed;
}

/**
 * The text of `files`, `action_common_attributes.flow`, `ns.coll.name` or
 * `ns.coll.name.section`: an attribute of the class in the fragment's file.
 */
async function findFragment(
  library: Library,
  name: string,
): Promise<string | undefined> {
  const words = name.replace(/^ansible\.builtin\./, "").split(".");
  const isFull = words.length > 2;
  const [file = "", section = DOCUMENTATION] = isFull ? words.slice(2) : words;
  const tree = isFull
    ? (await library.collections.find(words.slice(0, 2).join(".")))?.tree
    : library.core && folderTree(library.reader, library.core);
  const source = tree && await readFragment(tree, file);
  return source === undefined
    ? undefined
    : readAssignedStrings(source).get(section.toUpperCase());
}

async function readFragment(
  tree: Tree,
  name: string,
): Promise<string | undefined> {
  const found = await findPython(tree, join("plugins/doc_fragments", name));
  if (found?.path === undefined) return undefined;
  return decodePython((await tree.read(found.path)).bytes);
}

// `group_vars/` and `host_vars/` beside an inventory: finds the files of a group
// or host by the rules of Ansible's host_group_vars plugin.
import { dirname, extname, join } from "@std/path";
import type { InventoryDraft, Variables } from "./build/draft.ts";
import { InventoryError } from "../errors.ts";
import type { InventoryFiles } from "./inventory_files.ts";

/** In search order; the first file that exists is used. */
const EXTENSIONS = ["", ".yml", ".yaml", ".json"];

/** Reads a vars file. */
export type ReadVarsFile = (path: string) => Promise<Variables>;

/** Options of reading vars files. */
export interface VarsFileOptions {
  readonly reader: InventoryFiles;
  readonly readFile: ReadVarsFile;
}

/** How many groups or hosts are read at once. */
const AT_ONCE = 32;

/**
 * Adds the variables of `group_vars/` and `host_vars/` to a draft.
 *
 * @param folders The folders to search, the strongest last.
 */
export async function readVarsFiles(
  draft: Pick<InventoryDraft, "groups" | "hosts">,
  folders: readonly string[],
  options: VarsFileOptions,
): Promise<void> {
  for (const [index, folder] of folders.entries()) {
    const has = await namesIn(folder, options.reader);
    if (await has("group_vars")) {
      const vars = await VarsFolder.open(join(folder, "group_vars"), options);
      await vars.readEach(draft.groups.values(), (group, variables) => {
        group.fileVars[index] = variables;
      });
    }
    if (await has("host_vars")) {
      const vars = await VarsFolder.open(join(folder, "host_vars"), options);
      await vars.readEach(draft.hosts.values(), (host, variables) => {
        host.fileVars = new Map([...host.fileVars ?? [], ...variables]);
      });
    }
  }
}

/** The folders beside sources; a repeated one counts at its last position. */
export async function foldersBeside(
  sources: readonly string[],
  reader: InventoryFiles,
): Promise<string[]> {
  const folders = new Set<string>();
  for (const source of sources) {
    const found = await statSource(source, reader);
    if (!found) continue;
    const folder = found.kind === "folder" ? source : dirname(source);
    folders.delete(folder);
    folders.add(folder);
  }
  return [...folders];
}

/**
 * What a source is; undefined when it does not exist. A list of hosts
 * needs no folder, so it works where the working folder cannot be entered.
 */
export async function statSource(
  source: string,
  reader: InventoryFiles,
): ReturnType<InventoryFiles["stat"]> {
  try {
    return await reader.stat(source);
  } catch (error) {
    if (source.includes(",") && isForbidden(error)) return undefined;
    throw error;
  }
}

/** Tells whether a folder has a name. */
type HasName = (name: string) => boolean | Promise<boolean>;

/** A folder that may be entered but not listed is asked for each name. */
async function namesIn(
  folder: string,
  reader: InventoryFiles,
): Promise<HasName> {
  try {
    const names = new Set(await reader.list(folder));
    return (name) => names.has(name);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return async (name) => await reader.stat(join(folder, name)) !== undefined;
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof InventoryError &&
    error.cause instanceof Deno.errors.PermissionDenied;
}

class VarsFolder {
  private constructor(
    private readonly path: string,
    private readonly has: HasName,
    private readonly options: VarsFileOptions,
  ) {}

  static async open(
    path: string,
    options: VarsFileOptions,
  ): Promise<VarsFolder> {
    const isFolder = (await options.reader.stat(path))?.kind === "folder";
    const has = isFolder ? await namesIn(path, options.reader) : () => false;
    return new VarsFolder(path, has, options);
  }

  async readEach<Owner extends { readonly name: string }>(
    owners: Iterable<Owner>,
    take: (owner: Owner, variables: Variables) => void,
  ): Promise<void> {
    const found: { owner: Owner; path: string }[] = [];
    for (const owner of owners) {
      const file = await this.#fileOf(owner.name);
      if (file !== undefined) {
        found.push({ owner, path: join(this.path, file) });
      }
    }
    for (let start = 0; start < found.length; start += AT_ONCE) {
      await Promise.all(
        found.slice(start, start + AT_ONCE).map(async ({ owner, path }) => {
          const variables = await this.#read(path);
          if (variables.size > 0) take(owner, variables);
        }),
      );
    }
  }

  async #fileOf(owner: string): Promise<string | undefined> {
    for (const extension of EXTENSIONS) {
      const has = this.has(owner + extension);
      if (has === true || (has !== false && await has)) {
        return owner + extension;
      }
    }
    return undefined;
  }

  /** Reads a file, or a folder's files in the order of their names. */
  async #read(path: string): Promise<Variables> {
    const { reader, readFile } = this.options;
    const found = await reader.stat(path);
    if (found?.kind === "file") return await readFile(path);
    const variables: Variables = new Map();
    for (const name of found ? (await reader.list(path)).toSorted() : []) {
      if (!(await this.#isVarsFile(path, name))) continue;
      for (const [key, variable] of await this.#read(join(path, name))) {
        variables.set(key, variable);
      }
    }
    return variables;
  }

  async #isVarsFile(folder: string, name: string): Promise<boolean> {
    if (name.startsWith(".") || name.endsWith("~")) return false;
    const extension = extname(name);
    if (extension === "") return true;
    if (!EXTENSIONS.includes(extension)) return false;
    return (await this.options.reader.stat(join(folder, name)))?.kind ===
      "file";
  }
}

// Turns inventory sources into an Inventory: detects the format of each source in
// order, and lets its reader write into one draft. The full YAML reader is loaded
// at the first file that needs it.
import { join } from "@std/path";
import { InventoryError } from "../errors.ts";
import { InventoryDraft, type Variables } from "./build/draft.ts";
import { finishDraft } from "./build/finish.ts";
import { detectLanguage } from "./format/detect.ts";
import { decryptFile, seal } from "./encrypted_file.ts";
import { readData, readYaml, tryJson } from "./format/data_file.ts";
import type { DocumentNode, ReadingOptions } from "./format/document.ts";
import { readGroups, variablesIn } from "./format/groups.ts";
import { readHostList } from "./format/host_list.ts";
import { readIni } from "./format/ini.ts";
import { parseJsonInventory } from "./format/json_inventory.ts";
import { isListing, readHostVars, readListing } from "./format/listing.ts";
import { decodeText, type TextFile } from "./format/inventory_text.ts";
import type { LoadedInventory } from "./inventory.ts";
import { errorAt } from "./text_place.ts";
import type { InventoryFiles } from "./inventory_files.ts";
import { isVaultText, type Vault } from "./vault.ts";
import { foldersBeside, readVarsFiles, statSource } from "./vars_files.ts";

/** How an inventory is loaded. */
export interface LoadOptions {
  /** Cancels loading, and scripts that run for it. */
  signal?: AbortSignal;
  /** Decrypts Ansible Vault content. Default: it cannot be read. */
  vault?: Vault | undefined;
}

/**
 * Reads an inventory from its sources: files, folders, executable scripts and
 * lists such as `web1,web2,`; then `group_vars/` and `host_vars/` beside them.
 * When two sources set the same variable of the same host or group, the later one
 * wins. What Ansible skips with a warning is skipped, and is in the inventory's
 * `warnings`.
 *
 * @throws {InventoryError} with file, line and column, where known.
 */
export async function loadInventory(
  sources: readonly string[],
  reader: InventoryFiles,
  options: LoadOptions = {},
): Promise<LoadedInventory> {
  const loading = new Loading(reader, options);
  for (const source of sources) await loading.readSource(source);
  await loading.readVars(sources, loading.draft);
  return finishDraft(loading.draft, async (group) => {
    const groups = new Map([[group.name, group]]);
    await loading.readVars(sources, { groups, hosts: new Map() });
  });
}

/** Names of files rather than of hosts. */
const FILE_NAME = /\/|\.(?:ini|ya?ml|json|cfg)$/i;

/**
 * Names in an inventory folder that are not inventories: Ansible's
 * REJECT_EXTS and INVENTORY_IGNORE_EXTS, hidden files, and folders of vars.
 */
const IGNORED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.pyc|\.pyo|\.swp|\.bak|~|\.rpm|\.md|\.txt|\.rst|\.orig|\.ini|\.cfg|\.retry)$/;

/** How many `--host` calls of one script run at once. */
const SCRIPTS_AT_ONCE = 4;

class Loading {
  readonly draft = new InventoryDraft();

  constructor(
    private readonly reader: InventoryFiles,
    private readonly options: LoadOptions,
  ) {}

  get #reading(): ReadingOptions {
    return {
      warn: (place, problem) => this.draft.warn(place, problem),
      vault: this.options.vault,
    };
  }

  async readSource(source: string): Promise<void> {
    this.options.signal?.throwIfAborted();
    const found = await statSource(source, this.reader);
    if (found?.kind === "folder") return await this.#readFolder(source);
    if (found) return await this.#readFile(source, found.executable);
    if (source.includes(",")) {
      await this.#refuseFiles(source);
      return readHostList(source, this.draft);
    }
    throw new InventoryError(
      `Cannot read inventory ${source}: no such file or folder`,
      {
        hint: source === "-"
          ? "Give /dev/stdin to read it from standard input"
          : FILE_NAME.test(source)
          ? undefined
          : `Add a comma to name a host: ${source},`,
      },
    );
  }

  /** A list of files is not a list of hosts. */
  async #refuseFiles(source: string): Promise<void> {
    for (const name of source.split(",").map((each) => each.trim())) {
      if (!FILE_NAME.test(name)) continue;
      if (await this.reader.stat(name) === undefined) continue;
      const files = source.split(",").map((each) => each.trim())
        .filter((each) => each !== "");
      throw new InventoryError(
        `Cannot read inventory ${source}: a comma makes it a list of hosts, ` +
          `and ${name} is a file`,
        {
          hint: `Name each file: ${
            files.map((each) => `-i ${each}`).join(" ")
          }, or FTL_INVENTORY=${files.join(":")}`,
        },
      );
    }
  }

  async readVars(
    sources: readonly string[],
    owners: Pick<InventoryDraft, "groups" | "hosts">,
  ): Promise<void> {
    const { reader } = this;
    await readVarsFiles(owners, await foldersBeside(sources, reader), {
      reader,
      readFile: async (path) => {
        this.options.signal?.throwIfAborted();
        const bytes = await reader.read(path);
        this.#warnOfWriters(path);
        return await this.#readVarsFile(decodeText(bytes, path));
      },
    });
  }

  async #readVarsFile(file: TextFile): Promise<Variables> {
    const isEncrypted = isVaultText(file.text);
    if (isEncrypted && this.options.vault === undefined) {
      this.draft.skippedFiles.push(file.file);
      this.draft.warn(
        { file: file.file, line: 0 },
        "skipped: the file is encrypted with Ansible Vault, and no vault password is set",
      );
      return new Map();
    }
    const plain = await decryptFile(file, this.#reading);
    const variables = variablesIn(
      await readData(plain, this.#reading),
      "the file",
    );
    return isEncrypted ? sealVariables(variables) : variables;
  }

  async #readFolder(folder: string): Promise<void> {
    const names = await this.reader.list(folder);
    // In Python's order, by code points: a later file wins.
    for (const name of names.toSorted()) {
      if (!IGNORED.test(name)) await this.readSource(join(folder, name));
    }
  }

  async #readFile(path: string, executable: boolean): Promise<void> {
    const bytes = await this.reader.read(path);
    this.#warnOfWriters(path);
    const isScript = bytes[0] === 0x23 && bytes[1] === 0x21; // #!
    if (executable && (isScript || isElf(bytes))) {
      return await this.#runScript(path);
    }
    if (isScript) {
      throw new InventoryError(
        `Cannot run inventory ${path}: it is not executable`,
        {
          hint: `Run chmod +x ${path} if you trust this script`,
        },
      );
    }
    const file = await decryptFile(decodeText(bytes, path), this.#reading);
    if (detectLanguage(file) === "ini") return readIni(file, this.draft);
    const json = tryJson(file, this.#reading);
    if (json && isListing(json)) readListing(json, this.draft);
    else readGroups(json ?? await readYaml(file, this.#reading), this.draft);
  }

  #warnOfWriters(path: string): void {
    const why = this.reader.exposure?.(path);
    if (why === undefined) return;
    this.draft.warn(
      { file: path, line: 0 },
      `other users can change it: ${why}`,
    );
  }

  async #runScript(path: string): Promise<void> {
    const hosts = readListing(
      await this.#outputOf(path, ["--list"]),
      this.draft,
    );
    // The workers share one iterator, so that each host is read once.
    const queue = hosts.values();
    const readHosts = async () => {
      for (const host of queue) {
        const output = await this.#outputOf(path, ["--host", host]);
        readHostVars(host, output, this.draft);
      }
    };
    await Promise.all(Array.from({ length: SCRIPTS_AT_ONCE }, readHosts));
  }

  async #outputOf(
    path: string,
    args: readonly string[],
  ): Promise<DocumentNode> {
    const { signal } = this.options;
    const bytes = await this.reader.run(path, args, signal ? { signal } : {});
    const { text } = decodeText(bytes, path);
    const isEmpty = text.trim() === "" && args[0] === "--host";
    try {
      return parseJsonInventory(
        { text: isEmpty ? "{}" : text, file: path },
        this.#reading,
      );
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw errorAt(
        { file: path, line: 0 },
        `its output for ${args.join(" ")} is not JSON: it starts with ${
          JSON.stringify(text.slice(0, 60))
        }`,
        { cause },
      );
    }
  }
}

/** Keeps the values of an encrypted file secret after they are decrypted. */
function sealVariables(variables: Variables): Variables {
  return new Map(
    [...variables].map(([name, { value, ...place }]) => [
      name,
      { value: seal(value, place), ...place },
    ]),
  );
}

function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c &&
    bytes[3] === 0x46;
}

// Answers completion scripts: `ftl complete KIND WORD WORDS… -- OPERANDS…`, with
// the word at the cursor, all words up to it, and the operands among those before
// it. Prints one unquoted candidate per line, and nothing on errors. It runs
// without commander, which would take longer to load than the answer.
import { valuesOf } from "../options/variable_list.ts";
import { complete } from "../../console/lines/complete_line.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import type { Context } from "../commands/context.ts";
import { createCompletionSource } from "./completion_source.ts";
import type { ModuleOptions } from "../options/options.ts";
import { sessionNames } from "../../store/session_traces.ts";
import { findSettings } from "../settings/find_settings.ts";

const NO_HOSTS: Inventory = { hosts: new Map(), groups: new Map() };

/** Prints the candidates for the word at the cursor. */
export async function completeForShell(
  [kind = "", word = "", ...rest]: readonly string[],
  context: Context,
): Promise<void> {
  const cut = rest.lastIndexOf("--");
  const words = rest.slice(0, cut);
  try {
    if (kind === "jobs") return await completeJob(word, context);
    if (kind === "sessions") {
      const names = (await sessionNames()).filter((name) =>
        name.startsWith(word)
      );
      return context.out(names.map((name) => `${name}\n`).join(""));
    }
    const options = await readOptions(words, context);
    const operands = [...options.named, ...rest.slice(cut + 1)];
    const source = createCompletionSource(
      await readHosts(kind, options),
      options,
    );
    const isNamed = words[0] === "run" && options.named.length > 0;
    const line = lineOf(isNamed ? "arguments" : kind, operands);
    const { typed, matches } = await complete(line + word, source);
    const prefix = word.slice(0, word.length - typed.length);
    // A candidate that starts with a hyphen would be read as an option.
    const answers = matches.map((match) => prefix + match)
      .filter((answer) => !answer.startsWith("-"));
    context.out(answers.map((answer) => `${answer}\n`).join(""));
  } catch {
    // An inventory or a folder is wrong; running the command reports it.
  }
}

/** Prints the names of jobs that were started here, the newest first. */
async function completeJob(word: string, context: Context): Promise<void> {
  const { openJobs } = await import("../../store/jobs.ts");
  const names = (await (await openJobs()).list()).map(({ job }) => job)
    .filter((job) => job.startsWith(word));
  context.out(names.map((name) => `${name} \n`).join(""));
}

async function readHosts(
  kind: string,
  { inventory }: ShellOptions,
): Promise<Inventory> {
  if (inventory.length === 0 || !/^(?:patterns|hosts)$/.test(kind)) {
    return NO_HOSTS;
  }
  const [{ loadInventory }, { openInventorySources }] = await Promise.all([
    import("../../inventory/load.ts"),
    import("../../core/input/inventory_sources.ts"),
  ]);
  return await loadInventory(inventory, openInventorySources());
}

/** The start of a console line in which the word has the same meaning. */
function lineOf(kind: string, operands: readonly string[]): string {
  if (kind === "patterns") return ":use ";
  if (kind === "hosts") return ":vars ";
  return kind === "arguments"
    ? operands.map((each) => `${each} `).join("")
    : "";
}

interface ShellOptions extends ModuleOptions {
  readonly inventory: string[];
  /** The modules that `-m` and `-f` name. */
  readonly named: string[];
}

const LISTS: Readonly<Record<string, keyof ShellOptions>> = {
  "-i": "inventory",
  "--inventory": "inventory",
  "-M": "moduleDir",
  "--module-dir": "moduleDir",
  "--module-utils": "moduleUtils",
  "--collections-path": "collectionsPath",
  "-m": "named",
  "--module": "named",
  "-f": "named",
  "--ftl-module": "named",
};

/**
 * Reads the options from the words, the environment and the file of settings, as
 * commands do.
 */
async function readOptions(
  words: readonly string[],
  context: Context,
): Promise<ShellOptions> {
  const given: Partial<Record<keyof ShellOptions, string[]>> = {};
  for (const [i, word] of words.entries()) {
    const [, name = word, inline] = /^(--[\w-]+)=([^]*)$/.exec(word) ?? [];
    const value = inline ?? words[i + 1];
    const key = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
    if (key !== undefined && value !== undefined) {
      (given[key] ??= []).push(value);
    }
  }
  const ofFile = await readFileLists(context);
  const listOf = (key: keyof ShellOptions, variable: string) => {
    const value = context.env(variable);
    const list = key === "inventory" ? "inventory" : "path";
    if (value && given[key] === undefined) return valuesOf(value, list);
    const ours = ofFile[key] ?? [];
    // The inventory of the command line replaces that of the file.
    return key === "inventory"
      ? given[key] ?? ours
      : [...given[key] ?? [], ...ours];
  };
  return {
    inventory: listOf("inventory", "FTL_INVENTORY"),
    moduleDir: listOf("moduleDir", "FTL_MODULE_DIR"),
    moduleUtils: listOf("moduleUtils", "FTL_MODULE_UTILS"),
    collectionsPath: listOf("collectionsPath", "FTL_COLLECTIONS_PATH"),
    named: given.named ?? [],
  };
}

/** The lists of the file of settings, with absolute paths. */
async function readFileLists(
  context: Context,
): Promise<Partial<Record<keyof ShellOptions, string[]>>> {
  const { path } = findSettings((name) => context.env(name));
  if (path === undefined) return {};
  const { readSettingsFile, resolveInFile, resolveSource } = await import(
    "../settings/settings_file.ts"
  );
  const { folder, settings } = await readSettingsFile(path);
  const lists: Partial<Record<keyof ShellOptions, string[]>> = {};
  for (const { name, values } of settings) {
    const key = Object.hasOwn(LISTS, `--${name}`)
      ? LISTS[`--${name}`]
      : undefined;
    if (key === undefined || key === "named") continue;
    const resolveOne = key === "inventory" ? resolveSource : resolveInFile;
    lists[key] = values.map((value) => resolveOne(String(value), folder));
  }
  return lists;
}

// Turns -i, -l and -e into the chosen hosts. Every error in an inventory is found
// here, before any host is contacted.
import { parseArgumentText } from "../../core/input/arguments.ts";
import { openInventorySources } from "../../core/input/inventory_sources.ts";
import type {
  Host,
  Inventory,
  LoadedInventory,
} from "../../inventory/inventory.ts";
import { markUnsafe } from "../../inventory/format/yaml_tags.ts";
import { loadInventory } from "../../inventory/load.ts";
import { referencesIn, selectHosts } from "../../inventory/pattern/pattern.ts";
import type { Context } from "../commands/context.ts";
import { UsageError, warningText } from "../process/exit_code.ts";
import { readText } from "../options/named_files.ts";
import type { HostOptions } from "../options/options.ts";
import { readReferences } from "./pattern_references.ts";
import type { HostLimit } from "../../console/lines/session.ts";
import { readVariables } from "../../core/input/argument_file.ts";
import { dataReadingOf } from "./data_reading.ts";
import { vaultOf } from "../credentials/vault_passwords.ts";
import { hostsOfShard, parseShard } from "./shard.ts";

/** Reads the inventory that the options name. */
export async function readInventory(
  options: HostOptions,
  context: Context,
): Promise<LoadedInventory> {
  const sources = options.inventory;
  if (sources === undefined) {
    throw new UsageError("Cannot choose hosts: no inventory is named", {
      hint: "Name an inventory (-i hosts.yml) or hosts (-i web1,web2,)",
    });
  }
  const inventory = await loadInventory(sources, openInventorySources(), {
    signal: context.signal,
    vault: vaultOf(options, context),
  });
  for (const warning of inventory.warnings) context.err(warningText(warning));
  return inventory;
}

/** The chosen hosts, in the order of the inventory. */
export async function chooseHosts(
  options: HostOptions,
  context: Context,
): Promise<Host[]> {
  return (await readHosts(options, context)).hosts;
}

/** Whether a word chooses hosts of an inventory: a host, a group or a pattern. */
export function isPattern(word: string, inventory: Inventory): boolean {
  if (inventory.hosts.has(word) || inventory.groups.has(word)) return true;
  if (word.startsWith("@") || /\s/.test(word)) return false;
  try {
    return selectHosts(inventory, word)
      .some(({ name }) => inventory.hosts.has(name));
  } catch {
    return false; // no host matches, or it is not a pattern
  }
}

/** The inventory with `-e` applied, and the chosen hosts. */
export async function readHosts(
  options: HostOptions,
  context: Context,
): Promise<{ inventory: Inventory; hosts: Host[]; limit?: HostLimit }> {
  const { inventory, extra, withExtra } = await readWithExtra(options, context);
  const { selected, limit } = await selectWithin(inventory, options, context);
  const hosts = options.shard === undefined
    ? selected
    : hostsOfShard(selected, parseShard(options.shard, context.env));
  const limited = limit && { limit };
  if (Object.keys(extra).length === 0) return { inventory, hosts, ...limited };
  return {
    ...limited,
    inventory: {
      groups: inventory.groups,
      hosts: new Map(
        [...inventory.hosts].map(([name, host]) => [name, withExtra(host)]),
      ),
    },
    hosts: hosts.map(withExtra),
  };
}

/**
 * The hosts that both the operand and `--limit` choose.
 *
 * @throws {UsageError} when they have no host in common.
 */
async function selectWithin(
  inventory: Inventory,
  { pattern, limit }: HostOptions,
  context: Context,
): Promise<{ selected: Host[]; limit?: HostLimit }> {
  const select = async (text: string) => {
    const references = await readReferences(referencesIn(text), context);
    return selectHosts(inventory, text, { references });
  };
  const hosts = await select(pattern ?? limit ?? "all");
  if (limit === undefined) return { selected: hosts };
  const bound = pattern === undefined ? hosts : await select(limit);
  const within = new Set(bound.map(({ name }) => name));
  const both = hosts.filter(({ name }) => within.has(name));
  if (both.length > 0) {
    return { selected: both, limit: { pattern: limit, hosts: within } };
  }
  throw new UsageError(
    `Cannot choose hosts by ${pattern}: --limit ${limit} has none of them`,
    { hint: "The limit comes from -l or FTL_LIMIT" },
  );
}

/** The inventory, the variables of `-e`, and a function that adds them to a host. */
export async function readWithExtra(
  options: HostOptions,
  context: Context,
): Promise<{
  inventory: LoadedInventory;
  extra: Readonly<Record<string, unknown>>;
  withExtra: (host: Host) => Host;
}> {
  const inventory = await readInventory(options, context);
  const extra = await readExtraVars(options, context);
  const withExtra = (
    { name, groups, vars, source, skippedFiles }: Host,
  ): Host => ({
    name,
    groups,
    vars: { ...vars, ...extra },
    ...(source && { source }),
    ...(skippedFiles && { skippedFiles }),
  });
  return { inventory, extra, withExtra };
}

async function readExtraVars(
  options: HostOptions,
  context: Context,
): Promise<Record<string, unknown>> {
  const vars: Record<string, unknown> = {};
  for (const text of options.extraVars ?? []) {
    Object.assign(vars, await readExtra(text, options, context));
  }
  return vars;
}

/** Reads `@FILE`, YAML or JSON in braces, or words as `-a` takes them. */
async function readExtra(
  text: string,
  options: HostOptions,
  context: Context,
): Promise<Record<string, unknown>> {
  const reading = dataReadingOf(options, context);
  const read = (path: string) => readText(path, context);
  if (/^@\S+$/.test(text.trim())) {
    const file = text.trim().slice(1);
    return await readVariables({ file, text: await read(file) }, reading);
  }
  if (/^\s*[{[]/.test(text)) {
    return await readVariables({ file: "--extra-vars", text }, reading);
  }
  const { args, literal } = await parseArgumentText(text, {
    ...reading,
    readText: read,
  });
  const unsafe = literal.map((name) => [name, markUnsafe(args[name])]);
  return { ...args, ...Object.fromEntries(unsafe) };
}

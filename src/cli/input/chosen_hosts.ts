// Turns -i, -l and -e into the chosen hosts. Every error in an inventory is found
// here, before any host is contacted.
import { parseArgumentText } from "../../core/input/arguments.ts";
import { openInventorySources } from "../../core/input/inventory_sources.ts";
import {
  type Host,
  type Inventory,
  type LoadedInventory,
  withVars,
} from "../../inventory/inventory.ts";
import { markUnsafe } from "../../inventory/mark_unsafe.ts";
import { loadInventory } from "../../inventory/load.ts";
import {
  decideExpressions,
  judgedByFacts,
} from "../../inventory/expression.ts";
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

/** Adds facts to a host; undefined for one whose facts are not known. */
export type SeeFacts = (host: Host) => Host | undefined;

/** The inventory with `-e` applied, and the chosen hosts. */
export interface ReadHosts {
  readonly inventory: Inventory;
  /** Without `-e`. */
  readonly loaded: LoadedInventory;
  /** The variables of `-e`. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly hosts: Host[];
  readonly limit?: HostLimit;
  /**
   * Chooses by the hosts' facts, which `see` adds. Set when these decide, with
   * `--facts`; `hosts` then has all that may be chosen.
   */
  readonly decide?: (see: SeeFacts) => Promise<Host[]>;
}

/**
 * Reads the inventory, and chooses hosts.
 *
 * @throws {UsageError} when the pattern and the limit have no host in common.
 * @throws {InventoryError} when a pattern cannot be used.
 */
export async function readHosts(
  options: HostOptions,
  context: Context,
): Promise<ReadHosts> {
  const { inventory, extra, withExtra } = await readWithExtra(options, context);
  const choosing = { options, context, withExtra };
  const { selected, limit, isUndecided } = await selectWithin(
    inventory,
    choosing,
  );
  const ofShard = (hosts: readonly Host[]) => {
    const shard = options.shard === undefined
      ? undefined
      : parseShard(options.shard, context.env);
    const ours = shard === undefined ? hosts : hostsOfShard(hosts, shard);
    return ours.map(withExtra);
  };
  const hasExtra = Object.keys(extra).length > 0;
  return {
    ...(limit && { limit }),
    loaded: inventory,
    extra,
    inventory: hasExtra
      ? {
        groups: inventory.groups,
        hosts: new Map(
          [...inventory.hosts].map(([name, host]) => [name, withExtra(host)]),
        ),
      }
      : inventory,
    hosts: ofShard(selected),
    ...(isUndecided && {
      decide: async (see: SeeFacts) =>
        ofShard((await selectWithin(inventory, { ...choosing, see })).selected),
    }),
  };
}

/** The hosts that both the operand and `--limit` choose. */
async function selectWithin(
  inventory: Inventory,
  { options, context, withExtra, see }: {
    options: HostOptions;
    context: Context;
    withExtra: (host: Host) => Host;
    /** Adds facts to a host, once these are there. */
    see?: SeeFacts;
  },
): Promise<{ selected: Host[]; limit?: HostLimit; isUndecided: boolean }> {
  const { pattern, limit, facts = false } = options;
  let isUndecided = false;
  const select = async (text: string) => {
    const references = await readReferences(referencesIn(text), context);
    const judged = see === undefined && facts
      ? await judgedByFacts(inventory, text, { references, seen: withExtra })
      : undefined;
    if (judged !== undefined) {
      isUndecided = true;
      return judged;
    }
    const expressions = await decideExpressions(inventory, text, {
      references,
      seen: (host) => see?.(withExtra(host)) ?? withExtra(host),
      isLeftOut: (host) => see?.(host) === undefined && see !== undefined,
    });
    return selectHosts(inventory, text, { references, expressions });
  };
  const hosts = await select(pattern ?? limit ?? "all");
  if (limit === undefined) return { selected: hosts, isUndecided };
  const bound = pattern === undefined ? hosts : await select(limit);
  const within = new Set(bound.map(({ name }) => name));
  const both = hosts.filter(({ name }) => within.has(name));
  if (both.length > 0) {
    const bounds = { pattern: limit, hosts: within };
    return { selected: both, limit: bounds, isUndecided };
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
  const isEmpty = Object.keys(extra).length === 0;
  const withExtra = (host: Host) =>
    isEmpty ? host : withVars(host, { ...host.vars, ...extra });
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
  try {
    const { args, literal } = await parseArgumentText(text, {
      ...reading,
      readText: read,
    });
    const unsafe = literal.map((name) => [name, markUnsafe(args[name])]);
    return { ...args, ...Object.fromEntries(unsafe) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(
      error.message.replace(
        /^Cannot read the argument/,
        "Cannot read --extra-vars",
      ),
      { cause: error },
    );
  }
}

// Turns options into a fleet. No host is contacted yet.
import type { ConnectionOverrides } from "../../core/route/host_endpoint.ts";
import type { SessionInventory } from "../../core/fleet/session_inventory.ts";
import { type HostFleet, openHostFleet } from "../../core/fleet/host_fleet.ts";
import { type ModuleProvider, Provision } from "../../core/fleet/provision.ts";
import type { Archive } from "../../gate/archive/archive.ts";
import { readCredentials } from "../credentials/credentials.ts";
import type { BecomeOverrides } from "../../core/become/become.ts";
import { messageOf } from "../../errors.ts";
import type { Host, Inventory } from "../../inventory/inventory.ts";
import type { LinkSource } from "../../core/fleet/host_link.ts";
import { countWorkers } from "../../core/workers/worker_count.ts";
import { CALL_DEFAULTS } from "../../core/call/call_defaults.ts";
import { hostsFor, ownFilesLimit } from "../process/open_files.ts";
import { sessionNames } from "../../store/session_traces.ts";
import { openStore, type Store } from "../../store/store.ts";
import { escapeLine } from "../../output/escape.ts";
import type { Context } from "../commands/context.ts";
import { UsageError, warningText } from "../process/exit_code.ts";
import type {
  ConnectOptions,
  InventoryOptions,
  ModuleOptions,
} from "../options/options.ts";
import { vaultOf } from "../credentials/vault_passwords.ts";
import { expandHome } from "../options/named_files.ts";
import { sourcesOf } from "./module_sources.ts";

/** So few hosts need no look at the limit on open files. */
const FEW_FILES = 50;

/** The options of a fleet on the command line. */
export type CliFleetOptions =
  & ConnectOptions
  & ModuleOptions
  & InventoryOptions
  & {
    gate?: string;
    verbose?: number;
    nats?: string | undefined;
    /** False for calls that need no gate: they work without a store. */
    needsStore?: boolean;
    /** The session that `ftl open` opens the hosts in. */
    session?: string;
  };

/** The connection settings that the options set for every host. */
export function connectionOf(options: ConnectOptions): ConnectionOverrides {
  return {
    user: options.user,
    port: options.port,
    identityFiles: options.privateKey,
    transport: options.connection,
    hostKeys: options.hostKeys,
    knownHostsFiles: options.knownHosts,
    connectTimeoutMs: options.connectTimeout && options.connectTimeout * 1000,
    inMemory: options.inMemory,
  };
}

/**
 * Whether to become another user, and which.
 *
 * @throws {UsageError} when FTL_BECOME is neither 1 nor 0.
 */
export function becomeOf(
  options: ConnectOptions,
  context: Context,
): BecomeOverrides {
  return {
    enabled: options.become ?? readBoolean("FTL_BECOME", context),
    user: options.becomeUser,
    method: options.becomeMethod,
  };
}

/** Reads a variable as a boolean; undefined when it is unset or empty. */
function readBoolean(name: string, context: Context): boolean | undefined {
  const text = context.env(name) ?? "";
  if (text === "") return undefined;
  if (/^(?:1|true|yes|on)$/i.test(text)) return true;
  if (/^(?:0|false|no|off)$/i.test(text)) return false;
  throw new UsageError(
    `Cannot use ${name}: ${JSON.stringify(text)} is neither 1 nor 0`,
  );
}

/**
 * Opens the fleet for the chosen hosts.
 *
 * @throws {UsageError} when a password or an option cannot be used.
 */
export async function makeFleet(
  hosts: readonly Host[],
  options: CliFleetOptions,
  context: Context,
  { onKeyAdded, session, inventory, modules, direct = false }: {
    onKeyAdded?: (host: string, key: string) => void;
    session?: SessionInventory;
    /** The hosts and groups that templates see. Default: the chosen hosts. */
    inventory?: Inventory;
    /** Wraps what provides modules. Default: nothing does. */
    modules?: (own: ModuleProvider) => ModuleProvider;
    /** Connect to hosts that a session has, too. Default: false. */
    direct?: boolean;
  } = {},
): Promise<HostFleet> {
  await checkKeyFiles(options.privateKey);
  if (options.nats === undefined && context.env("FTL_NATS")) {
    const why = "this command connects to hosts by itself";
    context.err(warningText(`FTL_NATS is not used: ${why}`));
  }
  const sessions = direct ? [] : await sessionNames();
  const count = direct || options.keep !== undefined
    ? 0
    : countWorkers(options.workers ?? "auto", {
      hosts: hosts.length,
      cores: navigator.hardwareConcurrency,
      freeBytes: () => Deno.systemMemoryInfo().available,
    });
  await context.prepareForHosts({ hasSessions: sessions.length > 0 });
  if (options.hostKeys === "off") {
    context.err(
      "ftl: warning: Host keys are not checked: any machine can pose as a " +
        "host (--host-keys off)\n",
    );
  }
  const { password, becomePassword, bastionPassword, passphrase, answer } =
    await readCredentials(options, context);
  const hasSessions = sessions.length > 0 ||
    (!direct && options.keep !== undefined);
  // Each waits for the disk or another process.
  const [store, source] = await Promise.all([
    storeOption(options, context),
    hasSessions ? sessionsOption(options, context) : undefined,
  ]);
  const provision = {
    ...store,
    sources: sourcesOf(options),
    ...(options.gate && { gate: await archiveOf(options.gate) }),
  };
  return await openHostFleet({
    hosts,
    ...provision,
    modules: modules?.(new Provision(provision)),
    sessions: source,
    connection: {
      ...connectionOf(options),
      become: {
        ...becomeOf(options, context),
        password: becomePassword,
      },
    },
    ssh: {
      config: options.sshConfig,
      passphrase,
      answer,
      answersAlone: options.askPass ?? false,
      onAdded: onKeyAdded ?? ((host, key) => {
        context.err(`ftl: added the key of ${host}: ${escapeLine(key)}\n`);
      }),
      onDistrust: (host, why) => {
        context.err(
          `ftl: warning: No password is sent to ${host}: ${escapeLine(why)}\n`,
        );
      },
    },
    passwords: {
      ofHosts: password,
      ofBastions: bastionPassword,
    },
    onIgnored: (line) => {
      if (options.verbose) context.err(warningText(`ignored: ${line}`));
    },
    onOpenssh: (host, reason) => {
      if (options.verbose) {
        context.err(
          warningText(`${host}: using the system's ssh for ${reason}`),
        );
      }
    },
    session,
    vault: vaultOf(options, context),
    inventory,
    secrets: context.secrets,
    retries: options.retry,
    fanout: await possibleFanout(options, context, {
      hosts: hosts.length,
      workers: count,
    }),
    linkLoss: options.onLinkLoss,
    workers: await workersFor(count, options, context),
  });
}

/** The workers that connect to the hosts. */
async function workersFor(
  count: number,
  options: CliFleetOptions,
  context: Context,
): Promise<LinkSource | undefined> {
  if (count === 0) return undefined;
  const { makeWorkers } = await import("./make_workers.ts");
  return await makeWorkers(count, options, context);
}

/** How many hosts are open at once, as far as the limit on open files allows. */
async function possibleFanout(
  { fanout = CALL_DEFAULTS.fanout, connection }: CliFleetOptions,
  context: Context,
  { hosts, workers }: { hosts: number; workers: number },
): Promise<number> {
  // Every system allows this many.
  if (Math.min(hosts, fanout) < FEW_FILES) return fanout;
  const limit = await ownFilesLimit();
  if (limit === undefined) return fanout;
  const most = hostsFor(limit, { connection, workers });
  if (most >= Math.min(hosts, fanout)) return fanout;
  context.err(warningText(
    `Only ${most} hosts are open at once: this process may open ${limit} files. ` +
      "Raise the hard limit (ulimit -Hn), or use --workers",
  ));
  return most;
}

/** What reads and checks gates is loaded only when one is named. */
async function archiveOf(path: string): Promise<Archive> {
  const { readArchive } = await import("../../gate/archive/load_archive.ts");
  return await readArchive(path);
}

/** A key whose private part is in the agent has only its `.pub` file here. */
async function checkKeyFiles(paths: readonly string[] = []): Promise<void> {
  for (const path of paths) {
    const file = expandHome(path);
    const places = [file, `${file}.pub`];
    const found = await Promise.all(
      places.map((place) => Deno.stat(place).then(() => true, isThere)),
    );
    if (found.includes(true)) continue;
    throw new UsageError(
      `Cannot use the key ${path}: the file does not exist`,
      { hint: "Correct --private-key" },
    );
  }
}

/** Whether a file exists that cannot be looked at. */
function isThere(error: unknown): boolean {
  return !(error instanceof Deno.errors.NotFound);
}

/** The sessions that may have the hosts, or get them. */
async function sessionsOption(
  options: CliFleetOptions,
  context: Context,
): Promise<LinkSource | undefined> {
  const { sessionsFor } = await import("./command_sessions.ts");
  return await sessionsFor(options, context);
}

/** The store; none where it cannot be opened and is not needed. */
async function storeOption(
  { needsStore = true, verbose }: CliFleetOptions,
  context: Context,
): Promise<{ store?: Store }> {
  try {
    return { store: await openStore() };
  } catch (error) {
    if (needsStore) throw error;
    if (verbose) context.err(warningText(messageOf(error)));
    return {};
  }
}

// From options to a fleet. Nothing is contacted yet.
import { type Fleet, openFleet } from "../core/fleet.ts";
import type { Sources } from "../gate/library.ts";
import { readArchive } from "../gate/read_archive.ts";
import type { Host } from "../inventory/inventory.ts";
import { openStore } from "../store/store.ts";
import { readKnownHosts } from "../transport/known_hosts_file.ts";
import type { Context } from "./context.ts";
import type { ConnectOptions, ModuleOptions } from "./options.ts";

/** What a fleet may be told on the command line. */
export type FleetOptions = ConnectOptions & ModuleOptions & { gate?: string };

/** Makes the fleet of hosts that the options describe. */
export async function makeFleet(
  hosts: readonly Host[],
  options: FleetOptions,
  context: Context,
): Promise<Fleet> {
  const home = context.env("HOME") ?? "";
  const knownHosts = options.knownHosts ??
    [`${home}/.ssh/known_hosts`, "/etc/ssh/ssh_known_hosts"];
  return await openFleet({
    hosts,
    store: await openStore(),
    sources: sourcesOf(options),
    ...(options.gate && { gate: await readArchive(options.gate) }),
    connection: {
      user: options.user,
      port: options.port,
      identityFiles: options.privateKey,
      transport: options.connection,
    },
    ssh: {
      knownHosts: await readKnownHosts(knownHosts),
      knownHostsFile: knownHosts[0]!,
      hostKeys: options.hostKeys ?? "check",
      connectTimeoutMs: (options.connectTimeout ?? 10) * 1000,
    },
    fanout: options.fanout,
    linkLoss: options.onLinkLoss,
  });
}

/** Where the options say that modules come from. */
export function sourcesOf(options: ModuleOptions): Sources {
  return {
    dirs: options.moduleDir ?? [],
    moduleUtils: options.moduleUtils ?? [],
    collections: options.collectionsPath ?? [],
  };
}

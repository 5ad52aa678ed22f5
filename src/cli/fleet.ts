// From options to a fleet. Nothing is contacted yet.
import type { ConnectionOverrides } from "../core/endpoint.ts";
import { type Fleet, openFleet } from "../core/fleet.ts";
import { readCredentials } from "./credentials.ts";
import type { BecomeOverrides } from "../core/become/become.ts";
import { readArchive } from "../gate/read_archive.ts";
import type { Host } from "../inventory/inventory.ts";
import { openStore } from "../store/store.ts";
import type { Context } from "./context.ts";
import type { ConnectOptions, ModuleOptions } from "./options.ts";
import { sourcesOf } from "./sources.ts";

/** What a fleet may be told on the command line. */
export type FleetOptions = ConnectOptions & ModuleOptions & {
  gate?: string;
  verbose?: number;
};

/** What the options say of reaching any host. */
export function connectionOf(options: ConnectOptions): ConnectionOverrides {
  return {
    user: options.user,
    port: options.port,
    identityFiles: options.privateKey,
    transport: options.connection,
    hostKeys: options.hostKeys,
    knownHostsFiles: options.knownHosts,
    connectTimeoutMs: options.connectTimeout && options.connectTimeout * 1000,
  };
}

/** Whether and as whom the options want commands to run. */
export function becomeOf(
  options: ConnectOptions,
  context: Context,
): BecomeOverrides {
  const byEnv = /^(?:1|true|yes|on)$/i.test(context.env("FTL_BECOME") ?? "");
  return {
    enabled: options.become ?? (byEnv || undefined),
    user: options.becomeUser,
    method: options.becomeMethod,
  };
}

/** Makes the fleet of hosts that the options describe. */
export async function makeFleet(
  hosts: readonly Host[],
  options: FleetOptions,
  context: Context,
): Promise<Fleet> {
  const { password, becomePassword, bastionPassword, passphrase, answer } =
    await readCredentials(options, context);
  return await openFleet({
    hosts,
    store: await openStore(),
    sources: sourcesOf(options),
    ...(options.gate && { gate: await readArchive(options.gate) }),
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
    },
    passwords: {
      ofHosts: password,
      ofBastions: bastionPassword,
    },
    onIgnored: (line) => {
      if (options.verbose) context.err(`ftl: not followed: ${line}\n`);
    },
    onOpenssh: (host, reason) => {
      if (options.verbose) {
        context.err(`ftl: ${host}: by the system's ssh, for ${reason}\n`);
      }
    },
    retries: options.retry,
    fanout: options.fanout,
    linkLoss: options.onLinkLoss,
  });
}

// From options to a fleet. Nothing is contacted yet.
import type { ConnectionOverrides } from "../../core/route/host_endpoint.ts";
import { type HostFleet, openHostFleet } from "../../core/fleet/host_fleet.ts";
import { readCredentials } from "../credentials/credentials.ts";
import type { BecomeOverrides } from "../../core/become/become.ts";
import { readArchive } from "../../gate/archive/load_archive.ts";
import type { Host } from "../../inventory/inventory.ts";
import { openStore } from "../../store/store.ts";
import { escapeLine } from "../../output/escape.ts";
import type { Context } from "../commands/context.ts";
import { UsageError, warningText } from "../process/exit_code.ts";
import type { ConnectOptions, ModuleOptions } from "../options/options.ts";
import { sourcesOf } from "./module_sources.ts";

/** What a fleet may be told on the command line. */
export type CliFleetOptions = ConnectOptions & ModuleOptions & {
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

/**
 * Whether and as whom the options want commands to run.
 *
 * @throws {UsageError} when FTL_BECOME says neither yes nor no.
 */
export function becomeOf(
  options: ConnectOptions,
  context: Context,
): BecomeOverrides {
  return {
    enabled: options.become ?? yesOrNo("FTL_BECOME", context),
    user: options.becomeUser,
    method: options.becomeMethod,
  };
}

/** What a variable says; who is silent says nothing. */
function yesOrNo(name: string, context: Context): boolean | undefined {
  const text = context.env(name) ?? "";
  if (text === "") return undefined;
  if (/^(?:1|true|yes|on)$/i.test(text)) return true;
  if (/^(?:0|false|no|off)$/i.test(text)) return false;
  throw new UsageError(
    `Cannot use ${name}: ${JSON.stringify(text)} is neither 1 nor 0`,
  );
}

/** Makes the fleet of hosts that the options describe. */
export async function makeFleet(
  hosts: readonly Host[],
  options: CliFleetOptions,
  context: Context,
): Promise<HostFleet> {
  await context.prepareForHosts();
  const { password, becomePassword, bastionPassword, passphrase, answer } =
    await readCredentials(options, context);
  return await openHostFleet({
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
      onDistrust: (host, why) => {
        context.err(
          `ftl: warning: ${host} is sent no password: ${escapeLine(why)}\n`,
        );
      },
    },
    passwords: {
      ofHosts: password,
      ofBastions: bastionPassword,
    },
    onIgnored: (line) => {
      if (options.verbose) context.err(warningText(`not followed: ${line}`));
    },
    onOpenssh: (host, reason) => {
      if (options.verbose) {
        context.err(warningText(`${host}: by the system's ssh, for ${reason}`));
      }
    },
    secrets: context.secrets,
    retries: options.retry,
    fanout: options.fanout,
    linkLoss: options.onLinkLoss,
  });
}

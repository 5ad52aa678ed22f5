// Opens the hosts of a run with the means of a worker: its keys, agent, ssh_config
// and known hosts. The sender says which hosts, as whom, and with which passwords.
import { InventoryError } from "../../../errors.ts";
import { connectionSettings } from "../../../inventory/connection/connection_settings.ts";
import {
  type HostFleet,
  type HostFleetOptions,
  openHostFleet,
} from "../../fleet/host_fleet.ts";
import type { ConnectionOverrides } from "../../route/host_endpoint.ts";
import type { NatsFiles } from "../server/nats_files.ts";
import { checkSshWords } from "../messages/safe_ssh_words.ts";
import type { SentBody } from "../messages/sent_call.ts";
import { isLocal, receivedHost } from "../messages/sent_hosts.ts";
import { SentModules } from "../messages/sent_modules.ts";

/** What a worker connects with. */
export interface WorkerMeans
  extends Pick<HostFleetOptions, "ssh" | "store" | "fanout"> {
  readonly connection: Pick<
    ConnectionOverrides,
    "identityFiles" | "hostKeys" | "knownHostsFiles" | "connectTimeoutMs"
  >;
}

/** Makes a fleet without hosts for the calls of one run. */
export async function openWorkerFleet(
  { settings, archive, modules }: SentBody,
  { means, files }: { means: WorkerMeans; files: NatsFiles },
): Promise<HostFleet> {
  const { password, becomePassword, become } = settings;
  const secrets = new Set<string>();
  for (const each of [password, becomePassword]) {
    if (each !== undefined) secrets.add(each);
  }
  return await openHostFleet({
    ...means,
    hosts: [],
    modules: new SentModules(files, { archive, modules }),
    secrets,
    connection: {
      connectTimeoutMs: settings.connectTimeoutMs,
      ...defined(means.connection),
      user: settings.user,
      port: settings.port,
      python: settings.python,
      inMemory: settings.inMemory,
      transport: settings.transport,
      become: {
        ...become,
        ...(becomePassword !== undefined && {
          password: () => Promise.resolve(becomePassword),
        }),
      },
    },
    ...(password !== undefined && {
      passwords: { ofHosts: () => Promise.resolve(password) },
    }),
    retries: settings.retries,
    linkLoss: settings.linkLoss,
  });
}

/**
 * Checks that a sender asks for nothing on the worker's own machine.
 *
 * @throws {InventoryError} at the first host that is this machine, or whose
 *   options of ssh could start programs here.
 */
export async function refuseOwnMachine(
  { settings, hosts }: SentBody,
): Promise<void> {
  const transport: string | undefined = settings.transport;
  for (const sent of hosts) {
    const host = receivedHost(sent);
    const { connection, sshArgs } = await connectionSettings(host);
    if (connection === "local" || transport === "local") {
      throw isLocal(host.name);
    }
    checkSshWords(host.name, sshArgs);
    if (sent.name === "") throw new InventoryError("A host has no name");
  }
}

function defined<T extends object>(settings: T): Partial<T> {
  const members = Object.entries(settings)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(members) as Partial<T>;
}

// Makes a run ready to be sent: what is the same for all its hosts, with gate and
// packs in the object store, and what each host gets. No host is contacted.
import type { Host } from "../../../inventory/inventory.ts";
import {
  actionParts,
  builtinName,
} from "../../../gate/modules/action_parts.ts";
import type { Endpoint } from "../../../transport/transport.ts";
import type { Call } from "../../call/call.ts";
import type { HostFleet } from "../../fleet/host_fleet.ts";
import { hostArguments } from "../../run/host_arguments.ts";
import type { RunPlan } from "../../run/plan_run.ts";
import type { NatsSender } from "./nats_sender.ts";
import type { SendFiles } from "../files/send_files.ts";
import { notSealed, notSigned, secretIn } from "../messages/secret_parts.ts";
import type {
  SentBody,
  SentHost,
  SentSettings,
} from "../messages/sent_call.ts";
import { isLocal, sentVariables } from "../messages/sent_hosts.ts";

/** What is the same in all chunks of a run. */
export interface CommonBody {
  readonly body: Omit<SentBody, "hosts">;
  /** Whether something in it is secret. */
  readonly isSecret: boolean;
}

/** What a worker gets about one host. */
export interface PreparedHost {
  readonly host: SentHost;
  /** Whether something in it is secret. */
  readonly isSecret: boolean;
}

/**
 * What is the same for all hosts of a run.
 *
 * @throws {InventoryError} when a host is this machine.
 * @throws {FtlError} when something is secret and cannot be sealed.
 */
export async function prepareCommon(
  plan: RunPlan,
  { fleet, hosts, sender, files, keepInvocation }: {
    fleet: HostFleet;
    hosts: readonly Host[];
    sender: NatsSender;
    files: SendFiles;
    keepInvocation: boolean;
  },
): Promise<CommonBody> {
  const { call } = plan;
  refuseLocal(fleet, hosts);
  const settings = await settingsOf(fleet, { hosts, keepInvocation });
  const secret = secretIn(plan, { hosts, settings });
  if (secret !== undefined) checkSealing(sender, secret.what);
  const needsGate = "module" in call || "open" in call;
  if ("module" in call) await prepareWanted(call, fleet);
  const archive = await fleet.archive();
  const { modules, packs } = sender.options.modules.take();
  await Promise.all([
    ...needsGate ? [sender.files.put(archive.bytes, archive.id)] : [],
    ...packs.map(({ id, data }) =>
      sender.files.put(Uint8Array.fromBase64(data), id)
    ),
  ]);
  const forAll = await files.forAll();
  return {
    body: {
      ...{ call, settings, modules, archive: archive.id },
      ...forAll && { files: forAll },
    },
    isSecret: (secret?.isForAll ?? false) || forAll !== undefined,
  };
}

/**
 * What a worker gets about one host.
 *
 * @throws {Error} that becomes the host's result.
 */
export async function prepareHost(
  host: Host,
  index: number,
  { plan, fleet, sender, files }: {
    plan: RunPlan;
    fleet: HostFleet;
    sender: NatsSender;
    files: SendFiles;
  },
): Promise<PreparedHost> {
  const { become } = fleet;
  const { vars, hasSecrets } = await sentVariables(host, {
    becomeMethod: become?.method,
    needsPython: "module" in plan.call || "open" in plan.call,
    needsBecome: become?.enabled ?? false,
  });
  const { args, secrets: inArgs } = await hostArguments(host, plan);
  const own = await files.forHost(host, args);
  const secrets = [...inArgs, ...own.secrets];
  const isSecret = hasSecrets || secrets.length > 0 || own.files !== undefined;
  if (isSecret) checkSealing(sender, `secrets of ${host.name}`);
  return {
    isSecret,
    host: {
      ...{ index, vars },
      name: host.name,
      ...(args !== plan.args && { args }),
      ...(secrets.length > 0 && { secrets }),
      ...(own.files && { files: own.files }),
    },
  };
}

/** @throws {FtlError} when nothing can be sealed. */
export function checkSealing(sender: NatsSender, what: string): void {
  if (!sender.seals) throw notSealed(what);
  if (sender.options.key === undefined) throw notSigned(what);
}

function refuseLocal(fleet: HostFleet, hosts: readonly Host[]): void {
  const forAll = fleet.settings.connection?.transport;
  const local = hosts.find(({ vars }) =>
    forAll === undefined
      ? vars.ansible_connection === "local"
      : forAll === "local"
  );
  if (local !== undefined) throw isLocal(local.name);
}

async function settingsOf(
  fleet: HostFleet,
  { hosts, keepInvocation }: {
    hosts: readonly Host[];
    keepInvocation: boolean;
  },
): Promise<SentSettings> {
  const { connection = {}, passwords, linkLoss, retries } = fleet.settings;
  const { become } = fleet;
  const { user, port, python, inMemory, transport } = connection;
  // The login password is the same for all hosts.
  const somewhere: Endpoint = {
    name: hosts[0]?.name ?? "",
    transport: "ssh",
    address: "",
    port: 22,
    user: "",
    identityFiles: [],
  };
  const password = await passwords?.ofHosts?.(somewhere, {});
  const { enabled, method, user: becomeUser } = become;
  return {
    ...{ user, port, python, inMemory, password, keepInvocation },
    transport: transport === "local" ? undefined : transport,
    connectTimeoutMs: connection.connectTimeoutMs,
    become: { enabled, method, user: becomeUser },
    becomePassword: await become.password?.(somewhere),
    linkLoss: linkLoss ?? "kill",
    retries: retries ?? 0,
  };
}

/** Prepares the modules of which each host needs one, such as apt for package. */
async function prepareWanted(
  { module, native, moduleOnly }: Extract<Call, { module: string }>,
  fleet: HostFleet,
): Promise<void> {
  if (native || moduleOnly) return;
  const located = await fleet.locate(module);
  const parts = actionParts(located?.fullName ?? builtinName(module));
  for (const name of parts?.wants ?? []) {
    const full = `ansible.legacy.${name}`;
    if (await fleet.locate(full) === undefined) continue;
    // One that cannot be packed fails on the hosts that need it.
    await fleet.prepare(full).catch(() => {});
  }
}

// Realistic hosts on this machine: real OpenSSH servers on port 22, some only
// reachable through bastions, with passwords, with host keys of every state, and
// one that can be cut off. Needs root, and removes everything at the end.
import { join } from "@std/path";
import {
  type ConnectionOverrides,
  resolveRoute,
} from "../../../src/core/route/host_endpoint.ts";
import { findControllerEnv } from "../../../src/core/route/controller_env.ts";
import type { Endpoint } from "../../../src/transport/transport.ts";
import { newerRootNeed, newerRootScript, ROOT } from "../root_tree.ts";
import { sshdNeed } from "../sshd.ts";
import { makeKeys, writeFiles } from "./files.ts";
import { type HostPlan, HOSTS, type ServerPlan, SERVERS } from "./hosts.ts";
import {
  blackHole,
  cablesToUs,
  findFreePrefix,
  layCables,
} from "./networks.ts";
import { type Server, startServer } from "./server.ts";
import { makeWorld, type World, worldNeed } from "./world.ts";

export { INNER_HOSTS } from "./hosts.ts";

/** Whether this machine can have a test fleet. */
export const testFleetNeed = sshdNeed.ignore ? sshdNeed : worldNeed;

/**
 * Whether all servers are those of Debian 13: FTL_TEST_OPENSSH=newer, as CI has it
 * once more after the tests with this machine's OpenSSH.
 */
const isNewer = Deno.env.get("FTL_TEST_OPENSSH") === "newer";

/** The password of `ada`. */
export const PASSWORD = "correct horse";

/** A fleet that runs; everything of it goes when it is disposed. */
export interface TestFleet extends AsyncDisposable {
  readonly world: World;
  /** For the test's own files; gone afterwards. */
  readonly folder: string;
  /** The key that lets `deploy` in. */
  readonly identityFile: string;
  readonly knownHosts: string;
  readonly sshConfig: string;
  readonly inventory: string;
  /** Options that make a command line reach these hosts and no others. */
  readonly flags: readonly string[];
  /** An address from which no packet ever comes. */
  readonly blackHole: string;
  /** How a host is reached. */
  endpoint(name: string, overrides?: ConnectionOverrides): Promise<Endpoint>;
  /** The server that answers for a host. */
  server(name: string): Server;
  /** Takes away the link to `far`, so that no packet comes, or gives it back. */
  setLink(state: "up" | "down"): Promise<void>;
}

/** Starts a fleet. */
export async function startTestFleet(): Promise<TestFleet> {
  const world = await makeWorld();
  try {
    return await settle(world);
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
}

async function settle(world: World): Promise<TestFleet> {
  const folder = world.etc.files;
  const prefix = await findFreePrefix();
  const addressOf = ({ address }: HostPlan) =>
    typeof address === "number" ? `${prefix}.${address}` : address;
  const addressesOf = (isMeant: (plan: HostPlan) => boolean) => [
    ...new Set(HOSTS.filter(isMeant).map(addressOf)),
  ];
  const networkOf = ({ server }: HostPlan) => SERVERS[server]!.network;
  const networks = new Set(HOSTS.map(networkOf));
  await layCables(world, {
    prefix,
    networks: [...networks].map((name) => ({
      name,
      addresses: addressesOf((plan) => networkOf(plan) === name),
    })),
  });
  await addUsers(world);
  if (isNewer || !newerRootNeed.ignore) {
    await world.run(newerRootScript([join(folder, "..")]));
  }
  const keys = await makeKeys(folder, [
    "signed",
    `${prefix}.30`,
    `${prefix}.31`,
  ]);
  const start = async ([name, plan]: [string, ServerPlan]) => {
    const server = await startServer(world, {
      name,
      network: plan.network,
      addresses: addressesOf(({ server }) => server === name),
      hostKeyFile: plan.signed
        ? keys.signed
        : plan.ecdsa
        ? keys.ecdsaHost
        : keys.host,
      authorizedKeys: `${plan.ecdsa ? keys.ecdsaUser : keys.user}.pub`,
      root: plan.newer || isNewer ? ROOT : undefined,
      config: [
        ...plan.config ?? [],
        // Tests fail to log in there on purpose; `banning` bans.
        ...isNewer && !plan.newer ? ["PerSourcePenalties no"] : [],
        ...plan.signed ? [`HostCertificate ${keys.signed}-cert.pub`] : [],
      ],
    });
    return [name, server] as const;
  };
  const servers = new Map(
    await Promise.all(Object.entries(SERVERS).map(start)),
  );
  const files = await writeFiles(folder, { addressOf, keys });
  const controllerEnv = await findControllerEnv({ config: files.sshConfig });
  const cables = cablesToUs(prefix);
  return {
    ...files,
    world,
    folder,
    identityFile: keys.user,
    flags: ["-i", files.inventory, "--ssh-config", files.sshConfig],
    blackHole: blackHole(prefix),
    endpoint: async (name, overrides = {}) => {
      const host = { name, groups: [], vars: {} };
      const { endpoint } = await resolveRoute(host, overrides, controllerEnv);
      return endpoint;
    },
    server: (name) => {
      const plan = HOSTS.find((host) => host.name === name);
      return servers.get(plan?.server ?? name)!;
    },
    setLink: async (state) => {
      await world.run(`ip -n far link set ${cables.far} ${state}`);
    },
    [Symbol.asyncDispose]: async () => {
      for (const cable of Object.values(cables)) {
        await world.run(`ip link del ${cable}`);
      }
      for (const server of servers.values()) await server.stop();
      await world[Symbol.asyncDispose]();
    },
  };
}

async function addUsers({ etc }: World): Promise<void> {
  await etc.addUser("deploy");
  await etc.addUser("ada", { password: PASSWORD });
  await etc.addUser("old", { expires: "1990-01-01" });
  await etc.addUser("guest", { shell: "/usr/sbin/nologin" });
}

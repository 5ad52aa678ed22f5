// The sites of a chaos run of workers: network namespaces with hosts on their loopback
// device, which only a worker in the same namespace reaches. A cable leads from each to
// this machine, where the NATS server listens.
import { join } from "@std/path";
import { findFreePrefix } from "../../../tests/support/fleet/networks.ts";
import {
  type LonelyNetwork,
  makeLonelyNetwork,
} from "../../../tests/support/lonely_network.ts";
import {
  type NatsServer,
  startNatsServer,
} from "../../../tests/support/nats_server.ts";
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../../tests/support/openssh_fleet.ts";

/** The names of the sites. */
export const SITES = ["paris", "oslo", "lima"] as const;

/** A host, and the file where its calls note what they do. */
export interface SiteHost {
  readonly name: string;
  readonly journal: string;
}

/** A site. */
export interface Site {
  readonly name: string;
  readonly hosts: readonly SiteHost[];
  readonly knownHosts: string;
  /** Starts a command there, in the process that it becomes. */
  readonly wrapper: readonly string[];
  /** Pulls the cable to the NATS server. */
  cut(): Promise<void>;
  /** Puts it back. */
  mend(): Promise<void>;
  /** What runs on its hosts, one line each. */
  processes(): Promise<string[]>;
}

/** All sites, and the server where their workers and the senders meet. */
export interface NatsSites {
  readonly server: NatsServer;
  readonly sites: readonly Site[];
  readonly hosts: readonly SiteHost[];
  /** The inventory of all hosts. */
  readonly inventory: string;
  stop(): Promise<void>;
}

/** Starts the sites, with a number of hosts in each; files go into a folder. */
export async function startNatsSites(
  folder: string,
  perSite: number,
): Promise<NatsSites> {
  const prefix = await findFreePrefix();
  const address = `${prefix}.250`;
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const sites: (Site & { readonly inventory: string })[] = [];
    for (const [i, name] of SITES.entries()) {
      const network = await makeLonelyNetwork();
      ends.push(async () => await network[Symbol.asyncDispose]());
      const cable = new Cable(network, { prefix, address, number: i });
      await cable.lay();
      const journalOf = (host: string) =>
        join(folder, `journal-${name}-${host}`);
      const fleet = await startOpensshFleet({
        hosts: perSite,
        maxStartups: "200",
        wrapper: network.wrapper,
        env: (host) => ({ FTL_JOURNAL: journalOf(host.name) }),
      });
      ends.push(() => fleet.stop());
      const hosts = fleet.hosts.map((host) => ({
        name: `${name}-${host.name}`,
        journal: journalOf(host.name),
      }));
      for (const { journal } of hosts) await Deno.writeTextFile(journal, "");
      sites.push({
        ...{ name, hosts },
        knownHosts: fleet.knownHosts,
        wrapper: network.wrapper,
        cut: () => cable.cut(),
        mend: () => cable.mend(),
        processes: async () =>
          (await fleet.processes()).map(({ pid, command }) =>
            `${name}: ${pid} ${command}`
          ),
        inventory: inventoryLines(name, hosts, fleet),
      });
    }
    const server = await startNatsServer({ address });
    ends.push(() => server.stop());
    const inventory = join(folder, "hosts.yml");
    const lines = sites.map((site) => site.inventory);
    await Deno.writeTextFile(inventory, `all:\n  hosts:\n${lines.join("")}`);
    return {
      ...{ server, sites, inventory, stop },
      hosts: sites.flatMap(({ hosts }) => hosts),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function inventoryLines(
  site: string,
  hosts: readonly SiteHost[],
  { sshd, hosts: places }: OpensshFleet,
): string {
  return hosts.map(({ name, journal }, i) => {
    const vars = {
      ftl_site: site,
      ansible_host: places[i]!.address,
      ansible_port: sshd.port,
      ansible_user: sshd.user,
      ansible_ssh_private_key_file: sshd.identityFile,
      journal,
    };
    return `    ${name}: ${JSON.stringify(vars)}\n`;
  }).join("");
}

/** A pair of devices, one here and one in a network. It goes with the network. */
class Cable {
  readonly #network: LonelyNetwork;
  readonly #server: string;
  readonly #near: string;
  readonly #far: string;
  readonly #device: string;
  readonly #isFirst: boolean;
  /** How often it is cut; a new one is until it is laid. */
  #cuts = 1;
  #work: Promise<void> = Promise.resolve();

  constructor(
    network: LonelyNetwork,
    { prefix, address, number }: {
      prefix: string;
      /** The address of the server, which the first cable brings. */
      address: string;
      number: number;
    },
  ) {
    this.#network = network;
    this.#server = address;
    this.#near = `${prefix}.${4 * number + 1}`;
    this.#far = `${prefix}.${4 * number + 2}`;
    this.#device = `ftl${prefix.split(".").slice(1).join("_")}n${number}`;
    this.#isFirst = number === 0;
  }

  async lay(): Promise<void> {
    const { pid } = this.#network;
    const device = this.#device;
    await sh(
      `ip link add ${device} type veth peer name hub netns ${pid}`,
      `ip addr add ${this.#near}/30 dev ${device}`,
      ...this.#isFirst ? [`ip addr add ${this.#server}/32 dev ${device}`] : [],
      `ip link set ${device} up`,
      `nsenter -t ${pid} -n ip addr add ${this.#far}/30 dev hub`,
    );
    await this.mend();
  }

  cut(): Promise<void> {
    this.#cuts++;
    const inside = `nsenter -t ${this.#network.pid} -n ip`;
    return this.#inTurn(`${inside} link set hub down`);
  }

  /** Undoes one cut; the cable works when none is left. */
  async mend(): Promise<void> {
    if (--this.#cuts > 0) return;
    const inside = `nsenter -t ${this.#network.pid} -n ip`;
    await this.#inTurn(
      `${inside} link set hub up`,
      `${inside} route replace ${this.#server}/32 via ${this.#near}`,
    );
  }

  /** A device that goes down while its route is set has no gateway. */
  #inTurn(...lines: string[]): Promise<void> {
    return this.#work = this.#work.then(() => sh(...lines));
  }
}

async function sh(...lines: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-ec", lines.join("\n")],
    stdin: "null",
  }).output();
  if (success) return;
  throw new Error(`Cannot lay a cable: ${new TextDecoder().decode(stderr)}`);
}

// The cables of the test fleet: three to this machine, and those that only its
// bastions have. No network passes packets on.
import type { World } from "./world.ts";

/** A network, and the addresses that hosts have in it. */
export interface NetworkPlan {
  readonly name: string;
  readonly addresses: readonly string[];
}

interface Cable {
  readonly device: string;
  /** Default: this machine's network. */
  readonly from?: string;
  /** The address at that end. */
  readonly near: string;
  readonly to: string;
  readonly size: number;
}

/** The hardware address of `far`, and of nobody at the black hole. */
const FAR = "02:00:00:00:00:01";
const NOBODY = "02:00:00:00:00:02";

/** Finds addresses that this machine does not use: `198.18.7`, of 256. */
export async function findFreePrefix(): Promise<string> {
  const { stdout } = await new Deno.Command("ip", {
    args: ["-o", "-4", "addr"],
  }).output();
  const used = new TextDecoder().decode(stdout);
  for (;;) {
    // RFC 2544 sets these apart for tests of networks.
    const [side = 0, third = 0] = crypto.getRandomValues(new Uint8Array(2));
    const prefix = `198.${18 + side % 2}.${third}`;
    if (!used.includes(` ${prefix}.`)) return prefix;
  }
}

/** The cables that end at this machine, by their other end. */
export function cablesToUs(
  prefix: string,
): { front: string; bastion: string; far: string } {
  const device = `ftl${prefix.split(".").slice(1).join("_")}`;
  return { front: `${device}a`, bastion: `${device}b`, far: `${device}c` };
}

/** Makes the networks and lays the cables. */
export async function layCables(
  world: World,
  { prefix, networks }: { prefix: string; networks: readonly NetworkPlan[] },
): Promise<void> {
  const { front, bastion, far } = cablesToUs(prefix);
  const cables: Cable[] = [
    { device: front, near: `${prefix}.1`, to: "front", size: 26 },
    { device: bastion, near: `${prefix}.65`, to: "bastion", size: 26 },
    { device: far, near: `${prefix}.129`, to: "far", size: 26 },
    ...[["bastion", "inner"], ["bastion", "second"], ["second", "deep"]]
      .map(([from = "", to = ""], i) => ({
        device: `cable${i + 1}`,
        from,
        near: `10.77.${i + 1}.254`,
        to,
        size: 24,
      })),
  ];
  const addresses = new Map(
    networks.map(({ name, addresses }) => [name, addresses]),
  );
  await world.run([
    ...networks.flatMap(({ name }) => [
      `ip netns add ${name}`,
      `ip -n ${name} link set lo up`,
    ]),
    ...cables.flatMap((cable) => lay(cable, addresses.get(cable.to) ?? [])),
    // Without ARP: packets are sent, and never answered.
    `ip neigh add ${prefix}.130 lladdr ${FAR} dev ${far}`,
    `ip neigh add ${blackHole(prefix)} lladdr ${NOBODY} dev ${far}`,
  ].join("\n"));
}

/** An address from which no packet ever comes. */
export function blackHole(prefix: string): string {
  return `${prefix}.131`;
}

function lay(
  { device, from, near, to, size }: Cable,
  addresses: readonly string[],
): string[] {
  const ip = from === undefined ? "ip" : `ip -n ${from}`;
  const hardware = to === "far" ? `address ${FAR} ` : "";
  return [
    `ip -n ${to} link add ${device} ${hardware}type veth peer ${device} netns ${
      from ?? 1
    }`,
    `${ip} addr add ${near}/${size} dev ${device}`,
    `${ip} link set ${device} up`,
    ...addresses.map((address) =>
      `ip -n ${to} addr add ${address}/${size} dev ${device}`
    ),
    `ip -n ${to} link set ${device} up`,
  ];
}

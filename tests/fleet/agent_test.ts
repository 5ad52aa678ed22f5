// An agent with more keys than a host would look at, and many hosts at once.
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import type { Endpoint } from "../../src/transport/transport.ts";
import { agentNeed, startAgent } from "../support/agent.ts";
import { makeKey, publicKeyOf } from "../support/fleet/keys.ts";
import { isThorough, withTransport } from "../support/fleet/suite.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

const KEYS = 30;
const HOSTS = 200;
const need = sshdNeed.ignore ? sshdNeed : agentNeed;
const signal = new AbortController().signal;

/** The hosts let in who has the key of a number. */
function withAgent(
  name: string,
  { right, hosts }: { right: number; hosts: number },
  fn: (
    fleet: OpensshFleet,
    lab: { socket: string; keys: string[]; counts(): [number, number] },
  ) => Promise<void>,
): void {
  Deno.test({
    name: name + need.suffix,
    ignore: need.ignore,
    fn: async () => {
      // One server plays all hosts, each of which would take ten at a time.
      const maxStartups = "1000";
      const fleet = await startOpensshFleet({
        hosts,
        sharedHome: true,
        maxStartups,
      });
      try {
        const folder = fleet.sshd.folder;
        const keys = await Promise.all(
          Array.from({ length: KEYS }, (_, i) => makeKey(`${folder}/key${i}`)),
        );
        await Deno.writeTextFile(
          `${fleet.sshd.identityFile}.pub`,
          `${await publicKeyOf(keys[right]!)}\n`,
        );
        await using agent = await startAgent(folder, keys);
        await fn(fleet, {
          socket: agent.socket,
          keys,
          counts: () => [agent.most, agent.all],
        });
      } finally {
        await fleet.stop();
      }
    },
  });
}

/** Opens all hosts at once; how many connections that took. */
async function openAll(
  fleet: OpensshFleet,
  agentSocket: string,
  changes: Partial<Endpoint>,
): Promise<number> {
  const { sshd } = fleet;
  const before = sshd.log().split("\n").length;
  await withTransport({ agentSocket }, async (transport) => {
    await Promise.all(fleet.hosts.map(({ name, address }) =>
      transport.open({
        name,
        transport: "ssh",
        address,
        port: sshd.port,
        user: sshd.user,
        identityFiles: [],
        ...changes,
        ssh: { knownHostsFiles: [fleet.knownHosts], ...changes.ssh },
      }, { signal })
    ));
  });
  return sshd.log().split("\n").slice(before)
    .filter((line) => /Too many authentication failures/.test(line)).length;
}

withAgent(
  `${HOSTS} hosts at once, and an agent with ${KEYS} keys of which one is named`,
  { right: 20, hosts: HOSTS },
  async (fleet, { socket, keys, counts }) => {
    const tooMany = await openAll(fleet, socket, {
      identityFiles: [`${keys[20]}.pub`],
      ssh: { identitiesOnly: true },
    });
    assertEquals(tooMany, 0);
    const [most, all] = counts();
    assertLessOrEqual(most, 20); // four, and those whose end was not yet noticed
    assertEquals(all, HOSTS + 1); // the list, and a signature for each host
  },
);

const right = isThorough ? KEYS - 1 : 7;
const hosts = isThorough ? HOSTS : 60;
withAgent(
  `${hosts} hosts at once, and no word of which of an agent's ${KEYS} keys they take`,
  { right, hosts },
  async (fleet, { socket, counts }) => {
    const tooMany = await openAll(fleet, socket, {});
    // The first host has tried them one by one, and the others use its result.
    assert(tooMany <= 50 * Math.floor(right / 5), `${tooMany} hung up`);
    const [most, all] = counts();
    assertLessOrEqual(most, 20); // four, and those whose end was not yet noticed
    assertEquals(all, hosts + 1);
  },
);

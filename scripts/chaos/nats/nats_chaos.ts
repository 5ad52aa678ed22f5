// `deno task chaos nats [--minutes N] [--seed N] [--hosts N]`: workers, the NATS server
// and senders are killed, paused and cut off while calls are made on real hosts in
// network namespaces. Each report is compared with the journals of the hosts.
import { join } from "@std/path";
import { createAccount, mainCommand } from "../../../tests/support/ftl.ts";
import { lonelyNetworkNeed } from "../../../tests/support/lonely_network.ts";
import { openNats } from "../../../src/core/nats/server/nats_link.ts";
import { CALLS } from "../../../src/core/nats/server/nats_subjects.ts";
import { natsNeed } from "../../../tests/support/nats_server.ts";
import { needAll, needProgram } from "../../../tests/support/need.ts";
import { sshdNeed } from "../../../tests/support/sshd.ts";
import { Random } from "../../random.ts";
import { type Noted, readJournal, untruthOf } from "../journal.ts";
import { errorTable, statusTable, table } from "../report_tables.ts";
import { startNatsFaults } from "./nats_faults.ts";
import { type NatsSites, SITES, startNatsSites } from "./nats_sites.ts";
import { JOURNAL_MODULES, SenderLanes } from "./sender_lanes.ts";
import { WorkerProcess } from "./worker_process.ts";

/** Whether this machine can do it. */
export const natsChaosNeed = needAll(
  sshdNeed,
  natsNeed,
  needProgram("ssh-keygen"),
  lonelyNetworkNeed,
);

/** How long the server waits until it gives a chunk to another worker. */
const ACK_WAIT_MS = 3_000;
/** How long calls may go on after the end: longer than a lost sender is missed. */
const END_MS = 80_000;

/** What to do. */
export interface NatsChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  /** How many hosts there are in all. */
  readonly hosts: number;
  /** Default: all kinds, by two senders. */
  readonly senders?: Partial<
    Pick<ConstructorParameters<typeof SenderLanes>[0], "kinds" | "lanes">
  >;
  readonly print: (text: string) => void;
}

/** Runs; resolves to what was wrong. */
export async function natsChaos(options: NatsChaosOptions): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-chaos-nats-" });
  try {
    const perSite = Math.max(1, Math.round(options.hosts / SITES.length));
    const sites = await startNatsSites(folder, perSite);
    try {
      return await chaos(sites, folder, options);
    } finally {
      await sites.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function chaos(
  sites: NatsSites,
  folder: string,
  { minutes, seed, senders, print }: NatsChaosOptions,
): Promise<string[]> {
  const faults: string[] = [];
  const said: Record<string, number> = {};
  const env = { FTL_NATS: sites.server.url, FTL_CONNECT_TIMEOUT: "2m" };
  await using account = await createAccount({ env });
  const key = await makeKey(account.home);
  const allowed = join(folder, "senders");
  await Deno.writeTextFile(allowed, key);
  // The first site has two workers, so that one takes over from the other.
  const workers = await Promise.all(
    [...sites.sites, sites.sites[0]!].map(async (site, i) => {
      const name = `${site.name}${i + 1}`;
      const home = join(folder, name);
      await Deno.mkdir(home);
      const { command, env: own } = mainCommand(home);
      return new WorkerProcess({
        name,
        command: [
          ...[...site.wrapper, ...command, "worker", "--name", name],
          ...["--site", site.name, "--allow", allowed, "--ssh-config", "none"],
          ...["--known-hosts", site.knownHosts],
        ],
        env: { ...own, ...env },
        onFault: (what) => faults.push(what),
        onLine: (line) => {
          const text = line.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "N");
          said[text] = (said[text] ?? 0) + 1;
        },
      });
    }),
  );
  let isOver = false;
  const interrupt = () => isOver = true;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, interrupt);
  }
  try {
    await Promise.all(workers.map((worker) => worker.start()));
    await shortenWait(sites);
    const random = new Random(seed);
    const lanes = new SenderLanes({
      ...{ account, lanes: 2, ...senders },
      inventory: sites.inventory,
      modules: JOURNAL_MODULES,
      hosts: sites.hosts.map(({ name }) => name),
      random: random.for("senders"),
    });
    const killer = startNatsFaults({ sites, workers }, random.for("killer"));
    const until = performance.now() + minutes * 60_000;
    while (performance.now() < until && !isOver) {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await killer.stop();
    await Promise.all(workers.map((worker) => worker.start()));
    await lanes.finish();
    await lanes.last();
    await Promise.all(workers.map((worker) => worker.end("SIGTERM")));
    const left = await untilEnded(sites);
    const { reports } = lanes;
    print(`faults made:\n${table(killer.counts)}`);
    print(`results:\n${statusTable(reports)}`);
    print(`errors:\n${errorTable(reports)}`);
    print(`workers said:\n${table(said)}`);
    print(`senders said:\n${table(lanes.said)}`);
    return [
      ...await untruths(sites, lanes),
      ...faults,
      ...lanes.faults,
      ...left.map((what) => `left: ${what}`),
    ];
  } finally {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      Deno.removeSignalListener(name, interrupt);
    }
    await Promise.all(workers.map((worker) => worker.end("SIGKILL")));
  }
}

async function makeKey(home: string): Promise<string> {
  const path = join(home, ".ssh/id_ed25519");
  await Deno.mkdir(join(home, ".ssh"), { mode: 0o700 });
  await new Deno.Command("ssh-keygen", {
    args: ["-q", "-t", "ed25519", "-N", "", "-f", path],
  }).output();
  return await Deno.readTextFile(`${path}.pub`);
}

async function shortenWait({ server, sites }: NatsSites): Promise<void> {
  const link = await openNats({ url: server.url, name: "chaos" });
  for (const { name } of sites) {
    await link.admin.consumers.update(CALLS, `site_${name}`, {
      ack_wait: ACK_WAIT_MS * 1_000_000,
    });
  }
  await link.close();
}

async function untilEnded({ sites }: NatsSites): Promise<string[]> {
  const until = performance.now() + END_MS;
  for (;;) {
    const all = await Promise.all(sites.map((site) => site.processes()));
    const left = all.flat();
    if (left.length === 0 || performance.now() > until) return left;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function untruths(
  { hosts }: NatsSites,
  { reports, killed }: SenderLanes,
): Promise<string[]> {
  const faults: string[] = [];
  const journals = new Map<string, Map<string, Noted>>();
  for (const { name, journal } of hosts) {
    const calls = readJournal(await Deno.readTextFile(journal));
    journals.set(name, calls);
    for (const [id, { begun, ended }] of calls) {
      if (begun > 1) faults.push(`${id} began ${begun} times on ${name}`);
      if (killed.has(id) && ended > 0) {
        faults.push(`${id} went on after its sender was killed on ${name}`);
      }
    }
  }
  const lost: Record<string, number> = {};
  for (const report of reports) {
    const { id, host, kind, status } = report;
    if (status === "lost") {
      lost[`${kind} ${id}`] = (lost[`${kind} ${id}`] ?? 0) + 1;
      continue;
    }
    const fault = untruthOf(report, journals.get(host)?.get(id));
    if (fault !== undefined) faults.push(fault);
  }
  const missing = Object.entries(lost)
    .map(([call, count]) => `${call} has no result on ${count} hosts`);
  return [...faults, ...missing];
}

// The hosts of a chaos run: one OpenSSH server on the loopback device, and for each
// host a proxy, a journal, and a small disk as its HOME where mounts are allowed.
import { join } from "@std/path";
import {
  type FleetHost,
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { findProgram } from "../../tests/support/need.ts";
import { CuttingProxy } from "./cutting_proxy.ts";

/** The size of a host's disk. */
const DISK = "12m";
const FAKETIME =
  `/usr/lib/${Deno.build.arch}-linux-gnu/faketime/libfaketime.so.1`;

/** A file in each host's HOME, which names the host. */
export const TOKEN = ".ftl-token";

/** A host, and what can be done to it. */
export interface ChaosHost extends FleetHost {
  readonly proxy: CuttingProxy;
  readonly journal: string;
  /** A folder for pushed files, on a disk that is never full. */
  readonly box: string;
  /** The file that moves its clock; undefined without libfaketime. */
  readonly clock: string | undefined;
  readonly hasOwnDisk: boolean;
}

/** The hosts, and the files that reach them. */
export interface ChaosFleet {
  readonly openssh: OpensshFleet;
  readonly hosts: readonly ChaosHost[];
  readonly folder: string;
  readonly inventory: string;
  readonly knownHosts: string;
  /** The content of `knownHosts` when the hosts are trusted. */
  readonly trusted: string;
  stop(): Promise<void>;
}

/** Starts the hosts. */
export async function startChaosFleet(count: number): Promise<ChaosFleet> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-chaos-" });
  const path = (kind: string, { name }: FleetHost) =>
    join(folder, `${kind}-${name}`);
  const hasFaketime = await Deno.stat(FAKETIME).then(() => true, () => false);
  const openssh = await startOpensshFleet({
    hosts: count,
    maxStartups: "200",
    // Sessions come and go in great numbers, and end with a lost connection.
    config: ["MaxSessions 100", "LoginGraceTime 20"],
    env: (host) => ({
      FTL_JOURNAL: path("journal", host),
      TMPDIR: join(host.home, "tmp"),
      // Only the first host's clock moves.
      ...(hasFaketime && host.name === "h01" && {
        LD_PRELOAD: FAKETIME,
        FAKETIME_TIMESTAMP_FILE: path("clock", host),
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
        NO_FAKE_STAT: "1",
      }),
    }),
  });
  const hosts: ChaosHost[] = [];
  for (const host of openssh.hosts) {
    const [journal, box, clock] = ["journal", "box", "clock"]
      .map((kind) => path(kind, host)) as [string, string, string];
    const hasOwnDisk = await mountDisk(host.home);
    await Deno.mkdir(join(host.home, "tmp"));
    await Deno.mkdir(box);
    await Deno.symlink(box, join(host.home, "box"));
    await Deno.writeTextFile(join(host.home, TOKEN), `token of ${host.name}\n`);
    await Deno.writeTextFile(journal, "");
    await Deno.writeTextFile(clock, "+0\n");
    const proxy = new CuttingProxy(host.address, {
      hostname: host.address,
      port: openssh.sshd.port,
    });
    const isMoved = hasFaketime && host.name === "h01";
    hosts.push({
      ...host,
      ...{ proxy, journal, box, hasOwnDisk },
      clock: isMoved ? clock : undefined,
    });
  }
  const { sshd } = openssh;
  const trusted = hosts.map(({ address, proxy }) =>
    `[${address}]:${proxy.port} ${sshd.hostKey}\n`
  ).join("");
  const knownHosts = join(folder, "known_hosts");
  await Deno.writeTextFile(knownHosts, trusted);
  const inventory = join(folder, "hosts.yml");
  await Deno.writeTextFile(inventory, inventoryText(hosts, openssh));
  return {
    ...{ openssh, hosts, folder, inventory, knownHosts, trusted },
    stop: async () => {
      for (const { proxy } of hosts) proxy.close();
      for (const { home, hasOwnDisk } of hosts) {
        // Lazily: a session that is still open must not keep the disk.
        if (hasOwnDisk) await run("umount", "-l", home);
      }
      await openssh.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function inventoryText(
  hosts: readonly ChaosHost[],
  { sshd }: OpensshFleet,
): string {
  return [
    "all:",
    "  vars:",
    `    ansible_user: ${sshd.user}`,
    `    ansible_ssh_private_key_file: ${sshd.identityFile}`,
    "  hosts:",
    ...hosts.map(({ name, address, proxy, journal }, i) =>
      `    ${name}: {ansible_host: ${address}, ansible_port: ${proxy.port}, ` +
      // The last host is reached through the second transport.
      `ansible_connection: ${i === hosts.length - 1 ? "openssh" : "ssh"}, ` +
      `journal: ${journal}}`
    ),
    "",
  ].join("\n");
}

/** Whether a small disk could be mounted at a folder. */
async function mountDisk(folder: string): Promise<boolean> {
  if (Deno.uid() !== 0 || findProgram("mount") === undefined) return false;
  const options = `size=${DISK},mode=700`;
  return await run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder);
}

async function run(program: string, ...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

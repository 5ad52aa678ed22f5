// Fifty hosts that are one OpenSSH server: 127.0.1.1 to 127.0.1.N on one port,
// each with a HOME of its own unless the test wants them to share one.
import { join } from "@std/path";
import { type Sshd, type SshdOptions, startSshd } from "./sshd.ts";

export { sshdNeed } from "./sshd.ts";

/** Options of a fleet. */
export interface OpensshFleetOptions {
  /** How many hosts. Default: 50. */
  hosts?: number;
  /** One HOME for all hosts. Default: each has its own. */
  sharedHome?: boolean;
  /** sshd's MaxStartups. Default: OpenSSH's own, `10:30:100`. */
  maxStartups?: string;
  /** More lines for sshd_config. */
  config?: SshdOptions["config"];
  /** A command that starts the server. */
  wrapper?: readonly string[];
  /** More environment variables of what runs on a host. */
  env?: (host: FleetHost) => Readonly<Record<string, string>>;
}

/** One host of the fleet. */
export interface FleetHost {
  /** `h01`, `h02`, … */
  readonly name: string;
  readonly address: string;
  readonly home: string;
}

/** The hosts and the files that ftl needs to reach them. */
export interface OpensshFleet {
  readonly sshd: Sshd;
  readonly hosts: readonly FleetHost[];
  /** A YAML inventory that names all hosts. */
  readonly inventory: string;
  readonly knownHosts: string;
  /** Options that make a command line reach these hosts and no others. */
  readonly flags: readonly string[];
  /** What runs on the hosts now, from the login shell down. */
  processes(): Promise<HostProcess[]>;
  stop(): Promise<void>;
}

/** A process on a host of the fleet. */
export interface HostProcess {
  readonly pid: number;
  /** Its host's HOME. */
  readonly home: string;
  /** Its arguments, joined by blanks. */
  readonly command: string;
}

/** Starts the server, and writes inventory and known_hosts beside its files. */
export async function startOpensshFleet(
  options: OpensshFleetOptions = {},
): Promise<OpensshFleet> {
  const homes = await Deno.makeTempDir({ prefix: "ftl-homes-" });
  const hosts = Array.from({ length: options.hosts ?? 50 }, (_, i) => ({
    name: `h${String(i + 1).padStart(2, "0")}`,
    address: `127.0.1.${i + 1}`,
    home: join(homes, options.sharedHome ? "shared" : `h${i + 1}`),
  }));
  for (const { home } of hosts) await Deno.mkdir(home, { recursive: true });
  const sshd = await startSshd({
    config: [
      `MaxStartups ${options.maxStartups ?? "10:30:100"}`,
      ...options.config ?? [],
    ],
    wrapper: options.wrapper ?? [],
    matches: hosts.map((host) => {
      const env = { HOME: host.home, ...options.env?.(host) };
      const words = Object.entries(env).map(([name, value]) =>
        `${name}=${value}`
      );
      return `Match LocalAddress ${host.address}\n  SetEnv ${words.join(" ")}`;
    }),
  });
  const inventory = join(sshd.folder, "inventory.yml");
  const knownHosts = join(sshd.folder, "known_hosts");
  await Deno.writeTextFile(inventory, inventoryText(hosts, sshd));
  await Deno.writeTextFile(
    knownHosts,
    hosts.map((h) => `[${h.address}]:${sshd.port} ${sshd.hostKey}\n`).join(""),
  );
  return {
    sshd,
    hosts,
    inventory,
    knownHosts,
    flags: ["-i", inventory, "--known-hosts", knownHosts],
    processes: () => processesBelow(homes),
    stop: async () => {
      await sshd.stop();
      await Deno.remove(homes, { recursive: true });
    },
  };
}

/** The YAML of an inventory with these hosts in the group `fleet`. */
function inventoryText(hosts: readonly FleetHost[], sshd: Sshd): string {
  return [
    "fleet:",
    "  vars:",
    `    ansible_port: ${sshd.port}`,
    `    ansible_user: ${sshd.user}`,
    `    ansible_ssh_private_key_file: ${sshd.identityFile}`,
    "  hosts:",
    ...hosts.map((h) => `    ${h.name}: {ansible_host: ${h.address}}`),
    "",
  ].join("\n");
}

/** The processes whose HOME is in a folder. */
async function processesBelow(homes: string): Promise<HostProcess[]> {
  const found: HostProcess[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environ = await Deno.readTextFile(`/proc/${name}/environ`);
      const home = environ.split("\0").find((line) => line.startsWith("HOME="))
        ?.slice("HOME=".length);
      if (!home?.startsWith(`${homes}/`)) continue;
      const words = await Deno.readTextFile(`/proc/${name}/cmdline`);
      const command = words.replaceAll("\0", " ").trim();
      found.push({ pid: Number(name), home, command });
    } catch {
      continue; // it has ended since, or is not ours to look at
    }
  }
  return found;
}

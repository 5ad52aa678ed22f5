// The fleet of `ftl demo`: hosts in this process, and the files for reaching them
// in one temporary folder. Closing the fleet removes the folder.
import { join } from "@std/path";
import { type DemoHost, startDemoHost } from "./demo_host.ts";
import { generateKeyPair } from "./key_pair.ts";

/** Hosts, and the key and known_hosts file for reaching them. */
export interface DemoFleet {
  readonly hosts: readonly DemoHost[];
  /** The user to log in as; the hosts accept any name. */
  readonly user: string;
  /** A private key that every host accepts. */
  readonly privateKeyPath: string;
  /** A known_hosts file with the keys of all hosts. */
  readonly knownHostsPath: string;
  /** Ends the commands on the hosts, and removes all files. */
  close(): Promise<void>;
}

/** Starts hosts named `demo01`, `demo02`, … on ports of 127.0.0.1. */
export async function startDemoFleet(count: number): Promise<DemoFleet> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-demo-" });
  // For an exit without close(). The commands on the hosts then lose their input
  // and output, which ends them.
  const removeAtExit = () => Deno.removeSync(folder, { recursive: true });
  addEventListener("unload", removeAtExit);
  const clientKey = generateKeyPair();
  const privateKeyPath = join(folder, "id_ed25519");
  const knownHostsPath = join(folder, "known_hosts");
  const hosts = await Promise.all(
    hostNames(count).map((name) =>
      startDemoHost(name, {
        home: join(folder, name),
        clientKey: clientKey.public,
      })
    ),
  );
  await Deno.writeTextFile(privateKeyPath, clientKey.private, { mode: 0o600 });
  await Deno.writeTextFile(
    knownHostsPath,
    hosts.map((h) => `[${h.address}]:${h.port} ${h.hostKey}\n`).join(""),
  );
  return {
    hosts,
    user: "demo",
    privateKeyPath,
    knownHostsPath,
    close: async () => {
      await Promise.all(hosts.map((host) => host.close()));
      await Deno.remove(folder, { recursive: true });
      removeEventListener("unload", removeAtExit);
    },
  };
}

function hostNames(count: number): string[] {
  const width = Math.max(2, String(count).length);
  return Array.from(
    { length: count },
    (_, i) => `demo${String(i + 1).padStart(width, "0")}`,
  );
}

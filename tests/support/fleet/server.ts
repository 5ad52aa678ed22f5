// An OpenSSH server of the test fleet: on port 22 of addresses of its own, in
// a network of its own.
import { join } from "@std/path";
import { listenAs, sshdNeed } from "../sshd.ts";
import type { World } from "./world.ts";

/** Options of a server. */
export interface ServerOptions {
  readonly name: string;
  /** The network that it is in; default: this machine's. */
  readonly network?: string;
  readonly addresses: readonly string[];
  readonly hostKeyFile: string;
  readonly authorizedKeys: string;
  /** Lines of sshd_config that count more than the usual ones. */
  readonly config?: readonly string[];
  /** The root that it sees. Default: this machine's. */
  readonly root?: string | undefined;
}

/** A running server. */
export interface Server {
  readonly name: string;
  readonly address: string;
  /** What it has logged so far. */
  log(): string;
  /** How many have connected to it. */
  connections(): number;
  /** How many logins it has accepted. */
  logins(): number;
  /** Ends it and its sessions. */
  stop(): Promise<void>;
}

/** Starts a server and waits until it listens. */
export async function startServer(
  world: World,
  { name, network, addresses, hostKeyFile, authorizedKeys, config = [], root }:
    ServerOptions,
): Promise<Server> {
  const file = join(world.etc.files, `sshd_config_${name}`);
  await Deno.writeTextFile(
    file,
    [
      ...config,
      // sshd listens on sixteen addresses, or on all.
      ...(addresses.length > 16 ? ["0.0.0.0"] : addresses)
        .map((address) => `ListenAddress ${address}`),
      "Port 22",
      `HostKey ${hostKeyFile}`,
      `AuthorizedKeysFile ${authorizedKeys}`,
      "PidFile none",
      "LogLevel VERBOSE",
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "UseDNS no",
      "PrintMotd no",
      "Subsystem sftp internal-sftp",
      "",
    ].join("\n"),
  );
  const listening = await listenAs(file, [
    ...world.wrapper(network),
    ...root === undefined ? [] : ["chroot", root],
  ]);
  if (listening === undefined) throw new Error(`Cannot start ${name}: taken`);
  const count = (line: RegExp) => [...listening.log().matchAll(line)].length;
  return {
    name,
    address: addresses[0]!,
    log: listening.log,
    connections: () => count(/^Connection from /gm),
    logins: () => count(/^Accepted \S+ for /gm),
    stop: listening.stop,
  };
}

export { sshdNeed };

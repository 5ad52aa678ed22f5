// A plain ssh2 connection with the options of ftl, for the floors.
import { Client } from "ssh2";
import type { ClientChannel } from "ssh2";
import { cipherList } from "../../src/transport/ssh/connection/algorithms.ts";

/** The options that all connections of a floor share. */
export interface Target {
  readonly port: number;
  readonly username: string;
  readonly privateKey: string;
  /** The text of known_hosts. */
  readonly knownHosts: string;
}

/** Reads a target from four arguments: PORT USER KEYFILE KNOWN_HOSTS. */
export async function readTarget(args: readonly string[]): Promise<Target> {
  const [port, username, keyFile, knownHosts] = args;
  return {
    port: Number(port),
    username: username!,
    privateKey: await Deno.readTextFile(keyFile!),
    knownHosts: await Deno.readTextFile(knownHosts!),
  };
}

/** Connects and logs in. */
export function connect(address: string, target: Target): Promise<Client> {
  const { port, username, privateKey, knownHosts } = target;
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.on("error", reject);
    client.on("close", () => reject(new Error(`${address} closed`)));
    client.on("ready", () => resolve(client));
    client.connect({
      host: address,
      port,
      username,
      privateKey,
      algorithms: { cipher: cipherList(), serverHostKey: ["ssh-ed25519"] },
      hostVerifier: (key: { toString(encoding: "base64"): string }) =>
        knownHosts.includes(key.toString("base64")),
    });
    client.setNoDelay(true);
  });
}

/** Starts a command. */
export function exec(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) reject(error);
      else resolve(channel);
    });
  });
}

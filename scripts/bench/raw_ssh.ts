// A connection by ssh2 with the options that ftl uses, and nothing around it:
// what the floors are made of.
import { Client } from "ssh2";
import type { ClientChannel } from "ssh2";
import { cipherList } from "../../src/transport/ssh/algorithms.ts";

/** What all connections of a floor have in common. */
export interface Target {
  readonly port: number;
  readonly username: string;
  readonly privateKey: string;
  /** The text of known_hosts. */
  readonly knownHosts: string;
}

/** The target that four words of a command line describe: PORT USER KEY HOSTS. */
export async function readTarget(words: readonly string[]): Promise<Target> {
  const [port, username, keyFile, knownHosts] = words;
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

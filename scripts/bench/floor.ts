// The floor of a cold run: what ssh2 and OpenSSH take to get `python3 -c 1` run
// on some hosts, with the options and the concurrency that ftl uses, and
// nothing else. A program of its own, so that its start counts as ftl's does.
//
//   floor.ts PORT USER KEYFILE KNOWN_HOSTS ADDRESS…
import { Client } from "ssh2";
import { cipherList } from "../../src/transport/ssh/algorithms.ts";

/** As ftl's default: handshakes in flight in all. One address is one endpoint. */
const HANDSHAKES = 50;

interface Target {
  readonly port: number;
  readonly username: string;
  readonly privateKey: string;
  readonly knownKeys: string;
}

async function main(args: readonly string[]): Promise<void> {
  const [port, username, keyFile, knownHosts, ...addresses] = args;
  const target = {
    port: Number(port),
    username: username!,
    privateKey: await Deno.readTextFile(keyFile!),
    knownKeys: await Deno.readTextFile(knownHosts!),
  };
  const waiting = addresses.values();
  const lane = async () => {
    for (const address of waiting) await runOn(address, target);
  };
  await Promise.all(Array.from({ length: HANDSHAKES }, lane));
}

function runOn(address: string, target: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.on("error", reject);
    client.on("close", () => reject(new Error(`${address} closed`)));
    client.on("ready", () => {
      client.exec("python3 -c 1", (error, channel) => {
        if (error) return reject(error);
        channel.on("close", (code: number | null) => {
          if (code !== 0) return reject(new Error(`${address} gave ${code}`));
          resolve();
          client.end();
        });
        channel.resume();
        channel.end();
      });
    });
    client.connect({
      host: address,
      port: target.port,
      username: target.username,
      privateKey: target.privateKey,
      algorithms: { cipher: cipherList(), serverHostKey: ["ssh-ed25519"] },
      hostVerifier: (key: { toString(encoding: "base64"): string }) =>
        target.knownKeys.includes(key.toString("base64")),
    });
    client.setNoDelay(true);
  });
}

if (import.meta.main) main(Deno.args);

// The floor of a cold run: what ssh2 and OpenSSH take to get `python3 -c 1` run
// on some hosts, with the options and the concurrency that ftl uses, and
// nothing else. A program of its own, so that its start counts as ftl's does.
//
//   floor.ts PORT USER KEYFILE KNOWN_HOSTS ADDRESS…
import { connect, exec, readTarget, type Target } from "./raw_ssh.ts";

/** As ftl's default: handshakes in flight in all. One address is one endpoint. */
const HANDSHAKES = 50;

async function main(args: readonly string[]): Promise<void> {
  const target = await readTarget(args);
  const waiting = args.slice(4).values();
  const lane = async () => {
    for (const address of waiting) await runOn(address, target);
  };
  await Promise.all(Array.from({ length: HANDSHAKES }, lane));
}

async function runOn(address: string, target: Target): Promise<void> {
  const client = await connect(address, target);
  const channel = await exec(client, "python3 -c 1");
  const code = await new Promise((resolve) => {
    channel.on("close", resolve).resume();
    channel.end();
  });
  client.end();
  if (code !== 0) throw new Error(`python3 on ${address} gave ${code}`);
}

if (import.meta.main) main(Deno.args);

// The floor of a cold run: runs `python3 -c 1` on some hosts with ssh2, with the
// options and the concurrency of ftl and nothing else. A separate program, so that
// its start counts as ftl's does.
//
//   floor.ts PORT USER KEYFILE KNOWN_HOSTS ADDRESS…
import { connect, exec, readTarget, type Target } from "./raw_ssh.ts";

/** ftl's default: concurrent handshakes in total. One address is one endpoint. */
const HANDSHAKES = 50;

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "--version") return; // a binary that was just unpacked is tried
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
  if (code !== 0) throw new Error(`python3 on ${address} exited with ${code}`);
}

if (import.meta.main) main(Deno.args);

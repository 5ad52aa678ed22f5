// The floor of a run on many simulated hosts: ssh2 alone connects, logs in, runs one
// command and hangs up, with the options and the concurrency of ftl. Prints its CPU
// time for a host in milliseconds.
//
//   scale_floor.ts PORT USER KEYFILE KNOWN_HOSTS COUNT
import { cpuMs } from "./process_cost.ts";
import { connect, exec, readTarget, type Target } from "./raw_ssh.ts";
import { simulatedAddress } from "./simulated/start_simulated.ts";

/** ftl's default: concurrent handshakes in total. */
const HANDSHAKES = 50;

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "--version") return; // a binary that was just unpacked is tried
  const target = await readTarget(args);
  const count = Number(args[4]);
  const waiting = Array.from({ length: count }, (_, i) => simulatedAddress(i))
    .values();
  const before = await cpuMs([Deno.pid]);
  const lane = async () => {
    for (const address of waiting) await runOn(address, target);
  };
  await Promise.all(Array.from({ length: HANDSHAKES }, lane));
  const perHost = (await cpuMs([Deno.pid]) - before) / count;
  Deno.stdout.writeSync(new TextEncoder().encode(`${perHost}\n`));
}

async function runOn(address: string, target: Target): Promise<void> {
  const client = await connect(address, target);
  const channel = await exec(client, "true");
  await new Promise((resolve) => channel.on("close", resolve).resume());
  client.end();
}

if (import.meta.main) await main(Deno.args);

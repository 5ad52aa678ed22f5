// The floor of warm calls: what ssh2 takes to send a call's bytes to hosts, which
// send as many back after they have worked as long as `ping` does (echo.py).
// With `cat` in its place it takes two thirds: replies that come together are
// read together, and nobody else uses the caches in between. Prints its CPU per
// call in milliseconds.
//
//   echo.ts PORT USER KEYFILE KNOWN_HOSTS ADDRESS…
import type { ClientChannel } from "ssh2";
import echoSource from "./echo.py" with { type: "text" };
import { cpuMs } from "./process_cost.ts";
import { connect, exec, readTarget } from "./raw_ssh.ts";

const ROUNDS = 100;
/** About what a call of `ping` and its result are long. */
const BYTES = new Uint8Array(180).fill(65);

async function main(args: readonly string[]): Promise<void> {
  const target = await readTarget(args);
  const clients = await Promise.all(
    args.slice(4).map((address) => connect(address, target)),
  );
  const channels = await Promise.all(
    clients.map((c) => exec(c, `python3 -c '${echoSource}'`)),
  );
  await Promise.all(channels.map(echo));
  const before = await cpuMs([Deno.pid]);
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(channels.map(echo));
  }
  const spent = await cpuMs([Deno.pid]) - before;
  const perCall = spent / ROUNDS / channels.length;
  Deno.stdout.writeSync(new TextEncoder().encode(`${perCall}\n`));
  for (const client of clients) client.end();
}

function echo(channel: ClientChannel): Promise<void> {
  return new Promise((resolve) => {
    let missing = BYTES.length;
    const onData = (chunk: Uint8Array) => {
      missing -= chunk.length;
      if (missing > 0) return;
      channel.off("data", onData);
      resolve();
    };
    channel.on("data", onData);
    channel.write(BYTES);
  });
}

if (import.meta.main) main(Deno.args);

// The floor of warm calls: the cost of sending a call's bytes to hosts with ssh2,
// which send as many back after working as long as `ping` does (echo.py). With `cat`
// instead it takes two thirds: replies that arrive together are read together, and
// no other process uses the caches in between. Prints its CPU time per call in
// milliseconds.
//
//   echo.ts PORT USER KEYFILE KNOWN_HOSTS ADDRESS…
import type { ClientChannel } from "ssh2";
import echoSource from "./echo.py" with { type: "text" };
import { cpuMs } from "./process_cost.ts";
import { connect, exec, readTarget } from "./raw_ssh.ts";

const ROUNDS = 100;
/** About the size of a call of `ping`, and of its result. */
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

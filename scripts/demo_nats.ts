// Shows workers on one machine: a NATS server, three workers, hosts that are simulated.
// One worker is killed on the way. Every host has one result, and no call ran twice.
import { join } from "@std/path";
import { startDemoFleet } from "../src/cli/commands/demo/demo_fleet.ts";
import { openNats } from "../src/core/nats/server/nats_link.ts";
import { CALLS } from "../src/core/nats/server/nats_subjects.ts";
import { readEvents } from "../tests/support/ftl.ts";
import { natsNeed, startNatsServer } from "../tests/support/nats_server.ts";
import { takeNoArguments } from "./run_program.ts";

const HOSTS = 24;
const WORKERS = ["amber", "birch", "cedar"];
/** What runs on each host; the file tells how often it did. */
const COMMAND = "echo $$ >> ran; sleep 1; echo done";

const print = (text: string) =>
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

takeNoArguments(`Usage: deno task demo:nats

Shows workers over NATS, one of which is killed, on simulated hosts. Needs
nats-server.`);
if (natsNeed.ignore) {
  print("Cannot show workers here: install nats-server");
  Deno.exit(1);
}
const folder = await Deno.makeTempDir({ prefix: "ftl-demo-nats-" });
const fleet = await startDemoFleet(HOSTS);
const server = await startNatsServer();
print(`A NATS server listens at ${server.url}`);
const main = join(import.meta.dirname!, "../main.ts");

function start(name: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", main, ...args],
    env: { FTL_HOME: join(folder, name), FTL_NATS: server.url },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

const workers = new Map<string, Deno.ChildProcess>();
for (const name of WORKERS) {
  const worker = start(name, [
    ...["worker", "--name", name, "--allow", "any", "--fanout", "4"],
    ...["--known-hosts", fleet.knownHostsPath],
    ...["--private-key", fleet.privateKeyPath, "--ssh-config", "none"],
  ]);
  workers.set(name, worker);
  let said = "";
  for await (const text of worker.stderr.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.includes("is ready")) break;
  }
  print(`The worker ${name} is ready`);
}

// The server gives the chunks of a silent worker to others after 30 s. Here: 3 s.
const link = await openNats({ url: server.url, name: "demo" });
await link.admin.consumers.update(CALLS, "site__any", {
  ack_wait: 3_000_000_000,
});
await link.close();

const inventory = join(folder, "hosts.json");
const hosts = fleet.hosts.map(({ name, address, port }) => [name, {
  ansible_host: address,
  ansible_port: port,
  ansible_user: fleet.user,
}]);
await Deno.writeTextFile(
  inventory,
  JSON.stringify({ all: { hosts: Object.fromEntries(hosts) } }),
);
print(`\n$ ftl exec -i hosts.json --nats ${server.url} -- '${COMMAND}'`);
const sender = start("sender", [
  ...["exec", "-i", inventory, "--format", "ndjson", "--", COMMAND],
]);
const victim = WORKERS[0]!;
const results = new Map<string, string[]>();
let isKilled = false;
for await (const event of readEvents(sender.stdout)) {
  if (event.event !== "result") continue;
  const { host, status } = event;
  results.set(host, [...results.get(host) ?? [], status]);
  print(`${host}: ${status}${event.error ? ` (${event.error.message})` : ""}`);
  if (isKilled || results.size < 4) continue;
  isKilled = true;
  workers.get(victim)!.kill("SIGKILL");
  print(`--- the worker ${victim} is killed ---`);
}
await sender.stderr.cancel();
await sender.status;

let most = 0;
for (const { home } of fleet.hosts) {
  const text = await Deno.readTextFile(join(home, "ran")).catch(() => "");
  most = Math.max(most, text.split("\n").length - 1);
}
const isOnce = results.size === HOSTS &&
  [...results.values()].every(({ length }) => length === 1) && most === 1;
print(
  `\n${results.size} of ${HOSTS} hosts have one result each; ` +
    `no call ran more than ${most === 1 ? "once" : `${most} times`}`,
);

for (const [name, worker] of workers) {
  if (name !== victim) worker.kill("SIGKILL");
  await worker.stdout.cancel();
  await worker.status;
}
await server.stop();
await fleet.close();
await Deno.remove(folder, { recursive: true });
Deno.exit(isOnce ? 0 : 1);

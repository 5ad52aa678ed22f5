// Starts a simulated fleet and writes what ftl needs to reach it: an inventory of
// `count` hosts, each with its own address in 127.0.0.0/8, and a key.
import { fromFileUrl, join } from "@std/path";
import { useOf } from "../process_use.ts";

/** The hosts are not what is measured: they collect little garbage. */
const V8_FLAGS =
  "--v8-flags=--min-semi-space-size=64,--max-semi-space-size=64," +
  "--initial-old-space-size=2048";

/** The hosts of one process: it has a file open for each that is connected. */
const HOSTS_EACH = 15_000;

/** A running simulated fleet. */
export interface SimulatedFleet {
  /** The port of the first process. */
  readonly port: number;
  /** The public key that all hosts show, as in known_hosts. */
  readonly hostKey: string;
  /** Options of ftl: inventory, key and host key policy. */
  readonly flags: readonly string[];
  readonly inventory: string;
  readonly identityFile: string;
  readonly pid: number;
  /** The CPU time of all its processes so far, in ms. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the fleet in processes of its own. */
export async function startSimulatedFleet(
  { folder, count, behavior = {}, latencyMs = 0 }: {
    folder: string;
    count: number;
    behavior?: Readonly<Record<string, number>>;
    /** The time of a round trip, in ms. */
    latencyMs?: number;
  },
): Promise<SimulatedFleet> {
  const servers: Server[] = [];
  for (let left = count; left > 0 || servers.length === 0; left -= HOSTS_EACH) {
    servers.push(await startServer(behavior, latencyMs));
  }
  const [{ port, hostKey, key, pid }] = servers as [Server, ...Server[]];
  const identityFile = join(folder, "sim_key");
  await Deno.writeTextFile(identityFile, key, { mode: 0o600 });
  const inventory = join(folder, "sim.ini");
  const ports = servers.map((server) => server.port);
  await Deno.writeTextFile(inventory, inventoryText(count, ports));
  return {
    port,
    hostKey,
    inventory,
    identityFile,
    pid,
    flags: [
      "-i",
      inventory,
      "--private-key",
      identityFile,
      "--host-keys",
      "off",
      "--ssh-config",
      "none",
    ],
    cpuMs: async () => {
      const uses = await Promise.all(servers.map(({ pid }) => useOf(pid)));
      return uses.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    },
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** One process of a fleet. Its hosts let any key in. */
interface Server {
  readonly port: number;
  readonly hostKey: string;
  readonly key: string;
  readonly pid: number;
  stop(): Promise<void>;
}

async function startServer(
  behavior: Readonly<Record<string, number>>,
  latencyMs: number,
): Promise<Server> {
  const { child, line } = await start("fleet_server.ts", [
    JSON.stringify(behavior),
  ]);
  const { port: own, hostKey, key } = JSON.parse(line);
  const proxy = latencyMs > 0
    ? await startLatencyProxy(own, latencyMs)
    : undefined;
  return {
    port: proxy?.port ?? own,
    hostKey,
    key,
    pid: child.pid,
    stop: async () => {
      await proxy?.stop();
      await end(child);
    },
  };
}

/** Starts a proxy that delays all bytes to a port, in a separate process. */
export async function startLatencyProxy(
  to: number,
  roundTripMs: number,
): Promise<{ port: number; stop(): Promise<void> }> {
  const words = [String(to), String(roundTripMs)];
  const { child, line } = await start("latency_proxy.ts", words);
  return { port: Number(line), stop: () => end(child) };
}

async function end(child: Deno.ChildProcess): Promise<void> {
  await child.stdin.close();
  await child.status;
}

function inventoryText(count: number, ports: readonly number[]): string {
  const lines = ["[sim]"];
  for (let i = 0; i < count; i++) {
    const name = `sim${String(i).padStart(6, "0")}`;
    const port = ports[i % ports.length];
    lines.push(
      `${name} ansible_host=${simulatedAddress(i)}` +
        (ports.length > 1 ? ` ansible_port=${port}` : ""),
    );
  }
  lines.push("[sim:vars]", `ansible_port=${ports[0]}`, "ansible_user=sim", "");
  return lines.join("\n");
}

/** The address of a simulated host, by its number. */
export function simulatedAddress(i: number): string {
  return `127.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
}

async function start(
  file: string,
  args: readonly string[],
): Promise<{ child: Deno.ChildProcess; line: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      V8_FLAGS,
      "--config",
      fromFileUrl(new URL("../../../deno.json", import.meta.url)),
      fromFileUrl(new URL(file, import.meta.url)),
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`Cannot start ${file}: it printed nothing`);
    text += value;
  }
  reader.releaseLock();
  return { child, line: text.split("\n")[0]! };
}

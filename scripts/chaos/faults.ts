// What a chaos run does to its hosts. Every fault is undone after a while, and all of
// them at the end.
import { join } from "@std/path";
import { descendantsOf } from "../../tests/support/sshd.ts";
import type { ChaosFleet, ChaosHost } from "./chaos_fleet.ts";
import { signal } from "./processes.ts";
import { FaultLoop } from "./fault_loop.ts";
import type { Random } from "../random.ts";

/** The longest time until a fault is undone. */
const LONGEST_MS = 3_000;
/** A key that no host has: its type, and 32 bytes. */
const WRONG_KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;

/** Where a fault happens, and the choices that it takes. */
interface Scene {
  readonly fleet: ChaosFleet;
  readonly host: ChaosHost;
  readonly random: Random;
  /** Undoes something after a while, at the latest at the end of the run. */
  later(undo: () => void | Promise<void>): void;
}

/** Makes one thing fail; false when there was nothing to it here. */
type Fault = (scene: Scene) => Promise<boolean | void> | boolean | void;

const FAULTS: Readonly<Record<string, Fault>> = {
  "a process of a host is killed": (scene) =>
    onProcess(scene, (pid) => signal(pid, "SIGKILL")),
  "a process of a host is ended": (scene) =>
    onProcess(scene, (pid) => signal(pid, "SIGTERM")),
  "a process of a host is stopped": (scene) =>
    onProcess(scene, (pid) => stopAndGoOn(pid, scene)),
  "a gate is killed": (scene) =>
    onProcess(scene, (pid) => signal(pid, "SIGKILL"), /python/),
  "a gate is stopped": (scene) =>
    onProcess(scene, (pid) => stopAndGoOn(pid, scene), /python/),
  "a session of sshd is killed": (scene) =>
    onSession(scene, (pid) => signal(pid, "SIGKILL")),
  "a session of sshd is stopped": (scene) =>
    onSession(scene, (pid) => stopAndGoOn(pid, scene)),
  "connections end": ({ host }) => host.proxy.spoil("hang up"),
  "connections are refused": ({ host, later }) => {
    host.proxy.isRefusing = true;
    host.proxy.spoil("hang up");
    later(() => host.proxy.resume());
  },
  "bytes are lost": ({ host }) => host.proxy.spoil("cut"),
  "bytes come twice": ({ host }) => host.proxy.spoil("repeat"),
  "bytes are changed": ({ host }) => host.proxy.spoil("change"),
  "bytes are held back": ({ host, later }) => {
    host.proxy.hold();
    later(() => host.proxy.resume());
  },
  "bytes are late": ({ host, random, later }) => {
    host.proxy.delayMs = random.int(20, 400);
    later(() => host.proxy.resume());
  },
  "the disk is full": fillDisk,
  "the clock moves": moveClock,
  "the known key is another": replaceKnownHosts,
};

/** Makes things fail until it is stopped. */
export class Killer {
  readonly #fleet: ChaosFleet;
  readonly #faults: FaultLoop;

  constructor(fleet: ChaosFleet, random: Random) {
    this.#fleet = fleet;
    this.#faults = new FaultLoop({
      random,
      pausesMs: [60, 700],
      make: async (later) => {
        const name = random.pick(Object.keys(FAULTS));
        const host = random.pick(fleet.hosts);
        const happened = await FAULTS[name]!({
          ...{ fleet, host },
          random: random.for(String(random.int(0, 1e9))),
          later: (undo) => later(random.int(100, LONGEST_MS), undo),
        });
        return happened === false ? undefined : name;
      },
    });
  }

  /** How often each fault has happened. */
  get counts(): Readonly<Record<string, number>> {
    return this.#faults.counts;
  }

  /** Stops, and undoes every fault. */
  async stop(): Promise<void> {
    await this.#faults.stop();
    // What was to be spoiled next is not, and what lost bytes ends.
    for (const { proxy } of this.#fleet.hosts) {
      proxy.resume();
      proxy.spoil("hang up");
    }
  }
}

async function onProcess(
  { fleet, host, random }: Scene,
  act: (pid: number) => void,
  command = /./,
): Promise<boolean> {
  const processes = (await fleet.openssh.processes())
    .filter((each) => each.home === host.home && command.test(each.command));
  if (processes.length === 0) return false;
  act(random.pick(processes).pid);
  return true;
}

async function onSession(
  { fleet, random }: Scene,
  act: (pid: number) => void,
): Promise<boolean> {
  const sessions: number[] = [];
  for (const pid of await descendantsOf(fleet.openssh.sshd.pid)) {
    const name = await Deno.readTextFile(`/proc/${pid}/comm`).catch(() => "");
    if (name.startsWith("sshd")) sessions.push(pid);
  }
  if (sessions.length === 0) return false;
  act(random.pick(sessions));
  return true;
}

function stopAndGoOn(pid: number, { later }: Scene): void {
  signal(pid, "SIGSTOP");
  later(() => signal(pid, "SIGCONT"));
}

async function fillDisk({ host, later }: Scene): Promise<boolean> {
  if (!host.hasOwnDisk) return false;
  const filler = join(host.home, "filler");
  later(() => Deno.remove(filler).catch(() => {}));
  try {
    using file = await Deno.create(filler);
    for (const block = new Uint8Array(64 * 1024);;) await file.write(block);
  } catch {
    return true; // it is full
  }
}

async function moveClock({ host, random, later }: Scene): Promise<boolean> {
  const { clock } = host;
  if (clock === undefined) return false;
  await Deno.writeTextFile(
    clock,
    `${random.pick(["-", "+"])}${random.int(1, 90_000)}\n`,
  );
  later(() => Deno.writeTextFile(clock, "+0\n"));
  return true;
}

async function replaceKnownHosts(
  { fleet, host, later }: Scene,
): Promise<void> {
  const { knownHosts, trusted } = fleet;
  const name = `[${host.address}]:${host.proxy.port} `;
  const lines = trusted.split("\n").map((line) =>
    line.startsWith(name) ? name + WRONG_KEY : line
  );
  await replace(knownHosts, lines.join("\n"));
  later(() => replace(knownHosts, trusted));
  host.proxy.spoil("hang up");
}

async function replace(path: string, text: string): Promise<void> {
  const next = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(next, text);
  await Deno.rename(next, path);
}

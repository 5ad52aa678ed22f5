// `deno task soak`: a day of work in minutes: a console with connections of its own, and
// a session with a second console and commands that come and go. Both make calls on open
// gates, shell commands, and files both ways; keys are exchanged again, and now and then
// nothing happens. No process may grow. Exits with 1 when one does, or when something is
// left.
import { join } from "@std/path";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { MODULES, withFolder } from "../bench/bench.ts";
import { Session as Console } from "../bench/session.ts";
import { readNumbers } from "../number_options.ts";
import { runProgram } from "../run_program.ts";
import { countRekeys, LOG_NEW_KEYS } from "./rekeys.ts";
import { BackgroundSession } from "./background_session.ts";
import { WatchedProcess } from "./watched_process.ts";

/** How often it looks at the processes, over all calls. */
const LOOKS = 40;
/** How many lines are between two times in which nothing happens, at most. */
const IDLE_EVERY = 500;
/** After how many lines a command of its own uses the session. */
const COMMAND_EVERY = 50;

const USAGE = `Usage: deno task soak [OPTIONS]

Does a day of work in minutes, in a console and a session. Exits with 1 when a
process grows, or something is left.

  --calls N       how many calls each of them makes (default: 200000)
  --hosts N       how many hosts (default: 40)
  --idle SECONDS  how long nothing happens at a time (default: 30)`;

interface SoakOptions {
  /** How many calls the console makes, and how many the session. */
  readonly calls: number;
  readonly hosts: number;
  /** How long nothing happens at a time, in seconds. */
  readonly idle: number;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readNumbers(args, { calls: 200_000, hosts: 40, idle: 30 });
  if (sshdNeed.ignore) {
    print(`Cannot start hosts${sshdNeed.suffix}`);
    return 2;
  }
  const { hosts } = options;
  return await withFolder(async (folder) => {
    const fleet = await startOpensshFleet({
      hosts,
      maxStartups: "200",
      config: ["RekeyLimit 256K 60s", LOG_NEW_KEYS],
    });
    try {
      const faults = [
        ...await soak(fleet, { ...options, folder }),
        ...(await fleet.processes()).map(({ command }) => `left: ${command}`),
      ];
      const rekeys = countRekeys(fleet.sshd.log());
      print(`${rekeys} times new keys were exchanged on an open connection`);
      if (rekeys === 0) faults.push("no keys were exchanged again");
      for (const fault of faults) print(`FAULT: ${fault}`);
      if (faults.length === 0) print("nothing grew, and nothing is left");
      return faults.length === 0 ? 0 : 1;
    } finally {
      await fleet.stop();
    }
  });
}

async function soak(
  fleet: OpensshFleet,
  { calls, hosts, idle, folder }: SoakOptions & { folder: string },
): Promise<string[]> {
  const src = join(folder, "pushed");
  const homes = ["own", "shared"].map((name) => join(folder, name));
  for (const home of homes) await Deno.mkdir(home, { mode: 0o700 });
  const flags = ["-M", MODULES, ...fleet.flags];
  const lines = Math.ceil(calls / hosts);
  const look = Math.max(1, Math.floor(lines / LOOKS));
  const pause = Math.min(IDLE_EVERY, Math.ceil(lines / 2));
  const began = performance.now();
  await using session = await BackgroundSession.open(flags, homes[1]!);
  await using own = new Console(flags, homes[0]!);
  await using client = new Console(flags, homes[1]!);
  const processes = [
    new WatchedProcess("console", own.pid),
    new WatchedProcess("session", (await session.status()).pid),
    new WatchedProcess("console of the session", client.pid),
  ];
  let commands = 0;
  for (let line = 1; line <= lines; line++) {
    // Each push and each fetch has new content.
    await Deno.writeTextFile(src, `${line} `.repeat(5_000));
    await Promise.all([own, client].map((each, i) =>
      each.call(lineFor(line, {
        src,
        there: `~/pushed-${i}`,
        dest: join(folder, `fetched-${i}`),
      }))
    ));
    if (line % COMMAND_EVERY === 0) {
      await session.call();
      commands++;
    }
    if (line % pause === 0) {
      await new Promise((resolve) => setTimeout(resolve, idle * 1000));
    }
    if (line % look !== 0) continue;
    const looks = await Promise.all(processes.map((each) => each.look()));
    print(
      `${line * hosts} calls each, ${secondsSince(began)} s: ` +
        looks.map(({ residentKb, descriptors }, i) =>
          `${processes[i]!.name} ${(residentKb / 1024).toFixed(1)} MB, ` +
          `${descriptors} descriptors`
        ).join("; "),
    );
  }
  const made = lines * hosts;
  const expected = made + commands * hosts;
  const { calls: served } = await session.status();
  const verdicts = processes.map((each) => each.verdict(made));
  print(
    `${made} calls by the console, ${expected} by the session in ` +
      `${secondsSince(began)} s, with ${
        Math.floor(lines / pause)
      } idle times ` +
      `of ${idle} s and ${commands} commands of their own`,
  );
  for (const { summary } of verdicts) print(summary);
  return [
    ...verdicts.flatMap(({ faults }) => faults),
    ...served < expected ? [`the session made only ${served} calls`] : [],
  ];
}

/** What a console is told; most are calls of modules. */
function lineFor(
  line: number,
  { src, there, dest }: { src: string; there: string; dest: string },
): string {
  switch (line % 10) {
    case 3:
      return `!echo ${line}`;
    case 6:
      return `:push ${src} ${there}`;
    case 8:
      return `:fetch ${there} ${dest}`;
    default:
      return `greet name=call-${line}`;
  }
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 1000);
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) await runProgram({ usage: USAGE, main });

// Types calls into a console in a terminal, on thirty hosts, and measures from Enter
// to the summary line.
import { needAnsible } from "../../tests/support/ansible.ts";
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import {
  type Bench,
  ftl,
  limitRow,
  ratioRow,
  type Row,
  withFolder,
} from "./bench.ts";
import { median } from "./measure.ts";
import { cpuMs } from "./process_cost.ts";
import { Session } from "./session.ts";

const HOSTS = 30;
const CALLS = 40;
/** The CPU budget of a warm call on its host and the controller. */
const CALL_MS = 10 + 0.2;

/** Ansible's `ping` on thirty hosts, in a terminal and from a pipe. */
export const consoleBench: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const { ignore, modules } = needAnsible();
    if (ignore) return [];
    const fleet = await startOpensshFleet({ hosts: HOSTS });
    try {
      const flags = ["-M", modules, ...fleet.flags];
      const cores = navigator.hardwareConcurrency;
      const piped = await inPipe(flags, folder);
      const typed = await inTerminal(flags, folder, fleet);
      return [
        ratioRow(`ping typed into the console, ${HOSTS} hosts`, {
          ms: typed.wallMs,
          baseMs: piped,
          base: "from a pipe",
          budget: 1.25,
        }),
        // A lower bound for the duration, whatever else the machine does.
        limitRow("its CPU, here and on the hosts, by cores", {
          value: typed.cpuMs / cores,
          limit: HOSTS * CALL_MS / cores,
          unit: "ms",
          against: `${CALL_MS} ms a host, ${cores} cores`,
        }),
      ];
    } finally {
      await fleet.stop();
    }
  });

async function inPipe(
  flags: readonly string[],
  home: string,
): Promise<number> {
  await using session = new Session(flags, home);
  await session.call("ping");
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) times.push(await session.call("ping"));
  return median(times);
}

async function inTerminal(
  flags: readonly string[],
  home: string,
  fleet: OpensshFleet,
): Promise<{ wallMs: number; cpuMs: number }> {
  const words = ftl("console", ...flags).map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qfec", `exec ${words}`, "/dev/null"],
    env: { FTL_HOME: home, TERM: "xterm" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const input = child.stdin.getWriter();
  const type = (text: string) => input.write(new TextEncoder().encode(text));
  const screen = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const see = async (pattern: RegExp) => {
    let found: RegExpExecArray | null;
    while ((found = pattern.exec(text)) === null) {
      const { value, done } = await screen.read();
      if (done) {
        throw new Error(`The console ended without ${pattern}:\n${text}`);
      }
      text += value;
    }
    text = text.slice(found.index + found[0].length);
  };
  await see(new RegExp(`${HOSTS}/${HOSTS}> `));
  const call = async () => {
    const began = performance.now();
    await type("ping\r");
    await see(new RegExp(`${HOSTS} hosts.*${HOSTS} ok`));
    const tookMs = performance.now() - began;
    await see(/> /);
    return tookMs;
  };
  await call();
  const pids = [
    ...(await fleet.processes()).map(({ pid }) => pid),
    ...await childrenOf(child.pid),
  ];
  const before = await cpuMs(pids);
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) times.push(await call());
  const spent = await cpuMs(pids) - before;
  await type("\x04");
  await child.status;
  return { wallMs: median(times), cpuMs: spent / CALLS };
}

async function childrenOf(pid: number): Promise<number[]> {
  const path = `/proc/${pid}/task/${pid}/children`;
  return (await Deno.readTextFile(path)).trim().split(" ").map(Number);
}

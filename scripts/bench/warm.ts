// Repeats Ansible's `ping` on open gates, and measures its duration and its CPU time
// on the hosts and the controller.
import { needAnsible } from "../../tests/support/ansible.ts";
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { type Bench, limitRow, type Row, script, withFolder } from "./bench.ts";
import { Session } from "./session.ts";
import { median } from "./measure.ts";
import { cpuMs } from "./process_cost.ts";

/** The fixed cost of a run is shared by its hosts, so it shows only with few. */
const FEW = 10;
const MANY = 50;
const CALLS = 100;

/** A hundred calls of `ping` on ten hosts and on fifty, after a first one. */
export const warm: Bench = async () => {
  const { ignore, modules } = needAnsible();
  if (ignore) return [];
  const few = await measure(FEW, modules);
  const many = await measure(MANY, modules);
  return [
    {
      what: `warm ping on ${FEW} hosts`,
      figure: `${median(few.wallMs).toFixed(1)} ms`,
      against: `median of ${CALLS}`,
      budget: "",
      met: null,
    },
    limitRow("host CPU per warm ping", {
      value: few.hostCpuMs,
      limit: 10,
      unit: "ms",
      against: `${FEW * CALLS} calls`,
    }),
    {
      ...controllerRow(FEW, few),
      budget: "",
      met: null,
    },
    controllerRow(MANY, many),
  ];
};

/** The budget is for many hosts; with few, the machine is idle anyway. */
function controllerRow(hosts: number, { cpuMs, floorMs }: Figures): Row {
  return limitRow(`controller CPU per warm ping, ${hosts} hosts`, {
    value: cpuMs - floorMs,
    limit: 0.2,
    unit: "ms",
    against: `over raw ssh2: ${floorMs.toFixed(2)} ms`,
  });
}

interface Figures {
  /** The duration of each run. */
  readonly wallMs: readonly number[];
  /** CPU time per call: hosts, controller, and raw ssh2. */
  readonly hostCpuMs: number;
  readonly cpuMs: number;
  readonly floorMs: number;
}

function measure(hosts: number, modules: string): Promise<Figures> {
  return withFolder(async (folder) => {
    const fleet = await startOpensshFleet({ hosts, maxStartups: "200" });
    try {
      await using session = new Session(
        ["-M", modules, ...fleet.flags],
        folder,
      );
      await session.call("ping");
      const floorMs = await echoCpuMs(fleet);
      const gates = (await fleet.processes()).map(({ pid }) => pid);
      const before = [await cpuMs(gates), await cpuMs([session.pid])] as const;
      const wallMs: number[] = [];
      for (let i = 0; i < CALLS; i++) wallMs.push(await session.call("ping"));
      const calls = hosts * CALLS;
      return {
        wallMs,
        hostCpuMs: (await cpuMs(gates) - before[0]) / calls,
        cpuMs: (await cpuMs([session.pid]) - before[1]) / calls,
        floorMs,
      };
    } finally {
      await fleet.stop();
    }
  });
}

/** CPU time of raw ssh2 per call, for as many bytes in both directions. */
async function echoCpuMs(fleet: OpensshFleet): Promise<number> {
  const [program, ...args] = script(
    "echo.ts",
    ...[String(fleet.sshd.port), fleet.sshd.user],
    ...[fleet.sshd.identityFile, fleet.knownHosts],
    ...fleet.hosts.map((host) => host.address),
  );
  const { stdout } = await new Deno.Command(program!, { args }).output();
  return Number(new TextDecoder().decode(stdout));
}

// Ansible's `ping`, again and again on gates that are open: how long it takes,
// and what it costs on the hosts and here.
import { needAnsible } from "../../tests/support/ansible.ts";
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { type Bench, limitRow, type Row, script, withFolder } from "./bench.ts";
import { Session } from "./session.ts";
import { median } from "./measure.ts";
import { cpuMs } from "./process_cost.ts";

const HOSTS = 10;
const CALLS = 100;

/** A hundred times `ping` on ten hosts, after the first. */
export const warm: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const { ignore, modules } = needAnsible();
    if (ignore) return [];
    const fleet = await startOpensshFleet({ hosts: HOSTS });
    try {
      await using session = new Session(
        ["-M", modules, ...fleet.flags],
        folder,
      );
      await session.call("ping");
      const echo = await echoCpuMs(fleet);
      const gates = (await fleet.processes()).map(({ pid }) => pid);
      const before = [await cpuMs(gates), await cpuMs([session.pid])] as const;
      const wallMs: number[] = [];
      for (let i = 0; i < CALLS; i++) wallMs.push(await session.call("ping"));
      const calls = HOSTS * CALLS;
      return [
        {
          what: `warm ping on ${HOSTS} hosts`,
          figure: `${median(wallMs).toFixed(1)} ms`,
          against: `median of ${CALLS}`,
          budget: "",
          met: null,
        },
        limitRow("host CPU per warm ping", {
          value: (await cpuMs(gates) - before[0]) / calls,
          limit: 10,
          unit: "ms",
          against: `${calls} calls`,
        }),
        limitRow("controller CPU per warm ping", {
          value: (await cpuMs([session.pid]) - before[1]) / calls - echo,
          limit: 0.2,
          unit: "ms",
          against: `over raw ssh2: ${echo.toFixed(2)} ms`,
        }),
      ];
    } finally {
      await fleet.stop();
    }
  });

/** CPU of raw ssh2 for as many bytes there and back, per call. */
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

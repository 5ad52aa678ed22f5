// Ansible's `ping`, again and again on gates that are open: how long it takes,
// and what it costs on the hosts and here.
import { startOpensshFleet } from "../../tests/support/openssh_fleet.ts";
import { ansibleModules } from "./ansible.ts";
import { type Bench, limitRow, type Row, withFolder } from "./bench.ts";
import { Session } from "./session.ts";
import { median } from "./measure.ts";
import { cpuMs } from "./process_cost.ts";

const HOSTS = 10;
const CALLS = 100;

/** A hundred times `ping` on ten hosts, after the first. */
export const warm: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const modules = await ansibleModules();
    if (modules === undefined) return [];
    const fleet = await startOpensshFleet({ hosts: HOSTS });
    try {
      await using session = new Session(
        ["-M", modules, ...fleet.flags],
        folder,
      );
      await session.call("ping");
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
        {
          what: "controller CPU per warm ping",
          figure: `${
            ((await cpuMs([session.pid]) - before[1]) / calls).toFixed(2)
          } ms`,
          against: "ssh2, parsing and printing included",
          budget: "",
          met: null,
        },
      ];
    } finally {
      await fleet.stop();
    }
  });

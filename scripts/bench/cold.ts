// Runs a plain Python module on fifty hosts that have never seen ftl, compared with
// the floor (floor.ts); then on hosts that have the gate already. The hosts are one
// OpenSSH server on loopback, on the same cores. ftl and the floor are packed as
// binaries, because sources take longer to load.
import { join } from "@std/path";
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import {
  type Bench,
  limitRow,
  MODULES,
  ratioRow,
  type Row,
  withFolder,
} from "./bench.ts";
import { forgetFolders, hideSharedFolders } from "./forget_folders.ts";
import { compare, type Cost, type Program } from "./measure.ts";
import { bundleOf, pack } from "./packed.ts";
import { idleCpuMs } from "./process_cost.ts";

const HOSTS = 50;

/** Cold and second runs on fifty hosts, compared with fifty raw connections. */
export const cold: Bench = () =>
  withFolder(async (folder) => {
    // The default of MaxStartups drops connections at random, so that figures
    // depend on retries and are not reproducible.
    const fleet = await startOpensshFleet({
      hosts: HOSTS,
      maxStartups: "200",
      wrapper: await hideSharedFolders(),
    });
    try {
      const { paths, env } = await pack({
        ftl: await bundleOf("main.ts"),
        floor: await bundleOf("scripts/bench/floor.ts"),
      }, folder);
      const home = join(folder, "home");
      const hostCpuMs = () => idleCpuMs(fleet.sshd.pid);
      const run = (...flags: string[]): Program => ({
        argv: [
          ...[paths.ftl, "run", "timetest", "-M", MODULES, "--format", "json"],
          ...[...fleet.flags, ...flags],
        ],
        env: { ...env, FTL_HOME: home },
        hostCpuMs,
      });
      const floor = (hosts: number): Program => ({
        argv: [paths.floor, ...targets(fleet, hosts)],
        env,
        hostCpuMs,
      });
      const known = [home, ...fleet.hosts.map((h) => join(h.home, ".ftl"))];
      const before = () => forgetFolders(known, folder);
      const cost = await compare({
        floor: floor(HOSTS),
        cold: { ...run(), before },
        again: run(),
        floorOfOne: floor(1),
        coldOfOne: { ...run("-l", fleet.hosts[0]!.name), before },
      }, 5);
      const base = cost.floor;
      const against = { baseMs: base.wallMs, base: "floor", budget: 1.3 };
      const growth = (all: Cost, one: Cost) =>
        (all.cpuMs - one.cpuMs) / (HOSTS - 1);
      const baseGrowth = growth(base, cost.floorOfOne);
      return [
        ratioRow(`cold, ${HOSTS} hosts`, { ms: cost.cold.wallMs, ...against }),
        ratioRow(`second run, ${HOSTS} hosts`, {
          ms: cost.again.wallMs,
          ...against,
        }),
        limitRow("controller CPU per host, cold", {
          value: growth(cost.cold, cost.coldOfOne) - baseGrowth,
          limit: 2,
          unit: "ms",
          against: `over raw ssh2: ${baseGrowth.toFixed(1)} ms`,
        }),
        cpuRow("CPU of both sides, cold", cost.cold, base),
        cpuRow("CPU of both sides, second run", cost.again, base),
        ...(["cold", "again"] as const).map((name) => ({
          what: `host CPU per host, ${name}`,
          figure: `${(cost[name].hostCpuMs / HOSTS).toFixed(1)} ms`,
          against: `floor: ${
            (base.hostCpuMs / HOSTS).toFixed(1)
          } ms, with sshd`,
          budget: "",
          met: null,
        })),
      ];
    } finally {
      await fleet.stop();
    }
  });

/** CPU times do not depend on other load as the durations do. */
function cpuRow(what: string, cost: Cost, base: Cost): Row {
  const [used, least] = [cost, base].map((each) =>
    each.cpuMs + each.hostCpuMs
  ) as [number, number];
  return {
    what,
    figure: `${used.toFixed(0)} ms, ${(used / least).toFixed(2)}×`,
    against: `floor: ${least.toFixed(0)} ms`,
    budget: "",
    met: null,
  };
}

/** The arguments of floor.ts. */
function targets(
  { sshd, knownHosts, hosts }: OpensshFleet,
  count: number,
): string[] {
  return [
    ...[String(sshd.port), sshd.user, sshd.identityFile, knownHosts],
    ...hosts.slice(0, count).map((host) => host.address),
  ];
}

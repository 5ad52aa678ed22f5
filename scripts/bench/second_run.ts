// The second `ftl run` on a host that is 100 ms away: by a session, and without.
import {
  type Bench,
  limitRow,
  MODULES,
  type Row,
  withFolder,
} from "./bench.ts";
import { compare, measure } from "./measure.ts";
import { bundleOf, pack } from "./packed.ts";
import { startSimulatedFleet } from "./simulated/start_simulated.ts";

const ROUND_TRIP_MS = 100;
const ROUNDS = 7;

/** One call on one host, by the binary. */
export const secondRun: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const { paths, env } = await pack(
      { ftl: await bundleOf("main.ts") },
      folder,
    );
    const fleet = await startSimulatedFleet({
      folder,
      count: 1,
      latencyMs: ROUND_TRIP_MS,
    });
    const home = { ...env, FTL_HOME: `${folder}/home` };
    const program = (...args: string[]) => ({
      argv: [paths.ftl!, ...args],
      env: home,
    });
    const call = (...more: string[]) =>
      program("run", "greet", "-M", MODULES, ...fleet.flags, ...more);
    try {
      await measure(program("open", ...fleet.flags));
      await measure(call());
      const cost = await compare({
        session: call(),
        direct: call("--on-link-loss", "finish"), // not what the session has
      }, ROUNDS);
      const { session, direct } = cost;
      return [
        limitRow(`second run, ${ROUND_TRIP_MS} ms away, by a session`, {
          value: session!.wallMs,
          limit: 1.3 * ROUND_TRIP_MS + 60,
          unit: "ms",
          against: `its CPU: ${session!.cpuMs.toFixed(0)} ms`,
        }),
        limitRow("the same as a part of one without a session", {
          value: session!.wallMs / direct!.wallMs,
          limit: 0.2,
          unit: "×",
          against: `${direct!.wallMs.toFixed(0)} ms`,
        }),
      ];
    } finally {
      await measure(program("close"));
      await fleet.stop();
    }
  });

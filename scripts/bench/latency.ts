// Counts the round trips of whole programs on one OpenSSH host, from the start of
// the connection to its end. Nothing is timed, so a busy machine changes nothing.
import { join } from "@std/path";
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { countRoundTrips } from "../../tests/support/round_trips.ts";
import {
  type Bench,
  ftl,
  limitRow,
  MODULES,
  type Row,
  withFolder,
} from "./bench.ts";
import { measure } from "./measure.ts";

/** `ssh HOST true`, and ftl on a host that is new and that is known. */
export const latency: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const fleet = await startOpensshFleet({ hosts: 1 });
    const trips = await countRoundTrips(fleet.sshd.port);
    try {
      await trust(fleet, trips.port);
      const count = async (argv: readonly string[]) => {
        await measure({ argv, env: { FTL_HOME: join(folder, "home") } });
        return await trips.next();
      };
      const limit = await count(sshTrue(fleet, trips.port));
      const flags = [...fleet.flags, "-e", `ansible_port=${trips.port}`];
      const exec = ftl("exec", ...flags, "--", "true");
      const run = ftl("run", "greet", "-M", MODULES, ...flags);
      const rows: Row[] = [];
      const programs = {
        "ftl exec, first contact": exec,
        "ftl exec, later": exec,
        "ftl run, first gate": run,
        "ftl run, later": run,
      };
      for (const [what, argv] of Object.entries(programs)) {
        rows.push(limitRow(what, {
          value: await count(argv),
          limit,
          unit: "round trips",
          against: `ssh HOST true: ${limit}`,
        }));
      }
      return rows;
    } finally {
      await trips.stop();
      await fleet.stop();
    }
  });

/** Names the host key for another port of the host. */
async function trust(
  { sshd, hosts, knownHosts }: OpensshFleet,
  port: number,
): Promise<void> {
  const line = `[${hosts[0]!.address}]:${port} ${sshd.hostKey}\n`;
  await Deno.writeTextFile(knownHosts, line, { append: true });
}

function sshTrue(
  { sshd, hosts, knownHosts }: OpensshFleet,
  port: number,
): string[] {
  return [
    ...["ssh", "-F", "none", "-i", sshd.identityFile, "-p", String(port)],
    ...["-o", `UserKnownHostsFile=${knownHosts}`, "-o", "BatchMode=yes"],
    ...[`${sshd.user}@${hosts[0]!.address}`, "true"],
  ];
}

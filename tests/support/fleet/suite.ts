// The tests of one file on one test fleet, which starts before the first and
// goes after the last of them.
import {
  type HostFleet,
  type HostFleetOptions,
  openHostFleet,
} from "../../../src/core/fleet/host_fleet.ts";
import { collect, run, type RunReport } from "../../../src/core/run/run.ts";
import type { HostResult } from "../../../src/core/call/call.ts";
import {
  createSshTransport,
  parseKnownHosts,
  type SshOptions,
} from "../../../src/transport/ssh/ssh_transport.ts";
import type {
  Connection,
  Transport,
} from "../../../src/transport/transport.ts";
import { startTestFleet, type TestFleet, testFleetNeed } from "./fleet.ts";

/** True when everything is tried often, as in `deno task test:fleet`. */
export const isThorough = Deno.env.get("FTL_TEST_FLEET") === "all";

/** Makes what declares the tests of a file. */
export function fleetSuite(): (
  name: string,
  fn: (fleet: TestFleet) => Promise<void>,
) => void {
  let fleet: TestFleet | undefined;
  Deno.test.beforeAll(async () => {
    if (!testFleetNeed.ignore) fleet = await startTestFleet();
  });
  Deno.test.afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
  });
  return (name, fn) =>
    Deno.test({
      name: name + testFleetNeed.suffix,
      ignore: testFleetNeed.ignore,
      fn: () => fn(fleet!),
    });
}

/** Provides a transport that knows the keys of the fleet. */
export async function withTransport(
  options: Partial<SshOptions>,
  fn: (transport: Transport) => Promise<void>,
): Promise<void> {
  const transport = createSshTransport({
    knownHosts: parseKnownHosts([]),
    agentSocket: "",
    ...options,
  });
  try {
    await fn(transport);
  } finally {
    transport.close();
  }
}

/** Provides hosts of the fleet to ftl's core. */
export async function withFtl(
  fleet: TestFleet,
  names: readonly string[],
  fn: (ftl: HostFleet) => Promise<void>,
  ssh: HostFleetOptions["ssh"] = {},
  connection: HostFleetOptions["connection"] = {},
  more: Partial<HostFleetOptions> = {},
): Promise<void> {
  await using ftl = await openHostFleet({
    hosts: names.map((name) => ({ name, groups: [], vars: {} })),
    connection,
    ssh: { config: fleet.sshConfig, agentSocket: "", ...ssh },
    ...more,
  });
  await fn(ftl);
}

/** Runs a shell command on all hosts. */
export function runCommand(
  ftl: HostFleet,
  command: string,
): Promise<RunReport> {
  return collect(run(ftl, { command: [command] }));
}

/** The errors, one line per host that was not reached. */
export function troubles({ results }: RunReport): string[] {
  return [...results.values()].filter(({ status }) => status !== "ok")
    .map(({ host, error }: HostResult) => `${host}: ${error?.message}`);
}

/** Runs a command on a connection; returns its output. */
export async function say(
  connection: Connection,
  command: string,
): Promise<string> {
  const stream = await connection.exec(command, {
    signal: AbortSignal.timeout(10_000),
  });
  const [text] = await Promise.all([
    new Response(stream.stdout).text(),
    stream.stderr.cancel(),
    stream.exit,
  ]);
  return text.trim();
}

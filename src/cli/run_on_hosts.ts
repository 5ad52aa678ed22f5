// One call on the hosts that the options mean, shown as they ask for: what
// `ftl run` and `ftl exec` have in common.
import type { Call } from "../core/call.ts";
import type { Fleet } from "../core/fleet.ts";
import { run } from "../core/run.ts";
import { escapeLine } from "../output/escape.ts";
import type { Context } from "./context.ts";
import { EXIT, exitCodeOf } from "./exit_code.ts";
import { type FleetOptions, makeFleet } from "./fleet.ts";
import { chooseHosts } from "./hosts.ts";
import type { CallOptions, HostOptions, OutputOptions } from "./options.ts";
import { createDisplay, show } from "./show.ts";

/** Makes a call on the chosen hosts; resolves to the exit status. */
export async function runOnHosts(
  call: Call,
  options: HostOptions & FleetOptions & CallOptions & OutputOptions,
  context: Context,
): Promise<number> {
  const hosts = await chooseHosts(options, context);
  if (options.listHosts) {
    context.out(hosts.map(({ name }) => escapeLine(name) + "\n").join(""));
    return EXIT.ok;
  }
  const display = createDisplay(options, context);
  const fleet = await makeFleet(hosts, options, context);
  const { isTerminal } = context;
  const unwatch = isTerminal.in && isTerminal.err
    ? context.watchEnter(display.sayPending)
    : () => {};
  try {
    const events = run(fleet, call, {
      signal: context.signal,
      keepOpen: false,
      serial: options.serial,
      maxFail: options.maxFail,
      keepInvocation: (options.verbose ?? 0) >= 3,
    });
    const summary = await show(events, display);
    if (options.verbose) context.err(await describe(fleet, call));
    return context.signal.aborted ? EXIT.interrupted : exitCodeOf(summary);
  } finally {
    unwatch();
    await fleet.close();
  }
}

/** Which gate was used, and what was sent: a line for `-v`. */
async function describe(fleet: Fleet, call: Call): Promise<string> {
  const { bytesSent, packsSent, gatesSent } = fleet.traffic;
  if (call.module === null) return `ftl: no gate, ${bytesSent} bytes sent\n`;
  const { id, built } = await fleet.archive();
  return `ftl: gate ${id.slice(0, 12)} ${built ? "built" : "reused"}, ` +
    `sent to ${gatesSent} hosts; ${packsSent} packs and ${bytesSent} bytes sent\n`;
}

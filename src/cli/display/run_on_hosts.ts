// Runs one call on the chosen hosts and shows the results: what `ftl run`, `exec`,
// `push` and `fetch` share.
import type { Call } from "../../core/call/call.ts";
import type { HostFleet } from "../../core/fleet/host_fleet.ts";
import { run } from "../../core/run/run.ts";
import { escapeLine } from "../../output/escape.ts";
import type { Context } from "../commands/context.ts";
import { stopWarning } from "../../console/terminal/stop_warning.ts";
import { EXIT, exitCodeOf, warningText } from "../process/exit_code.ts";
import { type CliFleetOptions, makeFleet } from "../input/fleet_options.ts";
import { mayRunOn } from "../input/confirmation.ts";
import { chooseHosts } from "../input/chosen_hosts.ts";
import type {
  CallOptionValues,
  HostOptions,
  OutputOptions,
} from "../options/options.ts";
import { createDisplay, showEvents } from "./show_events.ts";

/** Makes a call on the chosen hosts; resolves to the exit status. */
export async function runOnHosts(
  call: Call,
  options: HostOptions & CliFleetOptions & CallOptionValues & OutputOptions,
  context: Context,
): Promise<number> {
  const hosts = await chooseHosts(options, context);
  if (options.listHosts) {
    context.out(hosts.map(({ name }) => escapeLine(name) + "\n").join(""));
    return EXIT.ok;
  }
  const display = createDisplay(options, context);
  if (!await mayRunOn(hosts.length, options, context)) {
    context.err(warningText("Nothing was run"));
    return EXIT.interrupted;
  }
  const fleet = await makeFleet(hosts, options, context);
  const { isTerminal } = context;
  const unwatch = isTerminal.in && isTerminal.err
    ? context.watchEnter(display.sayPending)
    : () => {};
  const unwarn = isTerminal.in && isTerminal.err && "module" in call
    ? context.warnAtStop(() => {
      display.say(`\n${stopWarning(options.onLinkLoss)}`);
    })
    : () => {};
  try {
    const events = run(fleet, call, {
      signal: context.signal,
      keepOpen: false,
      serial: options.serial,
      maxFail: options.maxFail,
      keepsResults: holdsResults(options),
      keepInvocation: (options.verbose ?? 0) >= 3,
    });
    const summary = await showEvents(events, display);
    if (options.verbose) context.err(await describe(fleet, call));
    return context.signal.aborted ? EXIT.interrupted : exitCodeOf(summary);
  } finally {
    unwatch();
    unwarn();
    await fleet.close();
  }
}

/** Whether what follows the run keeps all results until its end. */
function holdsResults(
  { format, output, report, record }: OutputOptions,
): boolean {
  return format !== "ndjson" || output !== undefined || report !== undefined ||
    record === true;
}

/** The line that `-v` adds about the gate and the bytes sent. */
async function describe(fleet: HostFleet, call: Call): Promise<string> {
  const { bytesSent, packsSent, gatesSent } = fleet.traffic;
  if (!("module" in call)) return `ftl: no gate, ${bytesSent} bytes sent\n`;
  const { id, built } = await fleet.archive();
  return `ftl: gate ${id.slice(0, 12)} ${built ? "built" : "reused"}, ` +
    `sent to ${gatesSent} hosts; ${packsSent} packs and ${bytesSent} bytes sent\n`;
}

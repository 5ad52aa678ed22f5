// Runs one call on the chosen hosts and shows the results: what `ftl run`, `exec`,
// `push` and `fetch` share.
import { CALL_DEFAULTS } from "../../core/call/call_defaults.ts";
import type { Call } from "../../core/call/call.ts";
import type { HostFleet } from "../../core/fleet/host_fleet.ts";
import { engineOf } from "../../core/run/engine.ts";
import type { HostInput } from "../../core/shell/host_input.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { escapeLine } from "../../output/escape.ts";
import type { Context } from "../commands/context.ts";
import { stopWarning } from "../../console/terminal/stop_warning.ts";
import { EXIT, exitCodeOf, warningText } from "../process/exit_code.ts";
import { type CliFleetOptions, makeFleet } from "../input/fleet_options.ts";
import { readHosts } from "../input/chosen_hosts.ts";
import { mayRunOn } from "../input/confirmation.ts";
import type {
  CallOptionValues,
  HostOptions,
  OutputOptions,
} from "../options/options.ts";
import { HostKeyNotes } from "./host_key_notes.ts";
import { createDisplay, showEvents } from "./show_events.ts";

/** What a command adds to a run. */
export interface OnHostsRun {
  /** Throws when words of the command line do not fit the inventory. */
  accept?: (inventory: Inventory) => void;
  /** Resolves to the standard input for the hosts; undefined without any. */
  stdin?: () => Promise<HostInput | undefined>;
}

/** Makes a call on the chosen hosts; resolves to the exit status. */
export async function runOnHosts(
  call: Call,
  options: HostOptions & CliFleetOptions & CallOptionValues & OutputOptions,
  context: Context,
  { accept, stdin }: OnHostsRun = {},
): Promise<number> {
  const { inventory, hosts } = await readHosts(options, context);
  accept?.(inventory);
  if (options.listHosts) {
    context.out(hosts.map(({ name }) => escapeLine(name) + "\n").join(""));
    return EXIT.ok;
  }
  warnOfMaxFail(hosts.length, options, context);
  const pattern = options.limit ?? "all";
  const display = await createDisplay({ ...options, pattern }, context);
  if (!await mayRunOn(hosts.length, options, context)) {
    context.err(warningText("Nothing was run"));
    return EXIT.interrupted;
  }
  const keys = new HostKeyNotes(context, { isVerbose: !!options.verbose });
  const needed = { ...options, needsStore: "module" in call };
  const fleet = await makeFleet(hosts, needed, context, {
    onKeyAdded: (host, key) => keys.added(host, key),
  });
  const { isTerminal } = context;
  const unwatch = isTerminal.in && isTerminal.err
    ? context.watchEnter(display.sayPending)
    : () => {};
  const unwarn = isTerminal.in && isTerminal.err && "module" in call
    ? context.warnAtStop(() => {
      // A session goes on while this process is stopped.
      if (!fleet.hasConnections) return;
      display.say(`\n${stopWarning(options.onLinkLoss)}`);
    })
    : () => {};
  try {
    const events = engineOf(fleet).run({
      call,
      keepOpen: false,
      serial: options.serial,
      maxFail: options.maxFail,
      keepsResults: holdsResults(options),
      keepInvocation: (options.verbose ?? 0) >= 3,
    }, { signal: context.signal, stdin: await stdin?.() });
    const sinks = [...display.sinks, keys];
    const summary = await showEvents(events, { ...display, sinks });
    if (options.verbose) context.err(await describe(fleet, call));
    return context.signal.aborted ? EXIT.interrupted : exitCodeOf(summary);
  } finally {
    unwatch();
    unwarn();
    await fleet.close();
  }
}

/** Warns where all hosts start before any can have failed. */
function warnOfMaxFail(
  hosts: number,
  { maxFail, serial, fanout = CALL_DEFAULTS.fanout }: CallOptionValues & {
    fanout?: number;
  },
  context: Context,
): void {
  if (maxFail === undefined || serial !== undefined) return;
  if (hosts > fanout || hosts < 2) return;
  context.err(
    `ftl: warning: --max-fail can stop nothing: all ${hosts} hosts start at ` +
      "once. Add --serial\n",
  );
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
  const inSessions = fleet.usedSessions > 0
    ? `; ${fleet.usedSessions} hosts in a session`
    : "";
  if (!("module" in call)) {
    return `ftl: no gate, ${bytesSent} bytes sent${inSessions}\n`;
  }
  const { id, built } = await fleet.archive();
  return `ftl: gate ${id.slice(0, 12)} ${built ? "built" : "reused"}, ` +
    `sent to ${gatesSent} hosts; ${packsSent} packs and ${bytesSent} bytes sent` +
    `${inSessions}\n`;
}

// Runs one call on the chosen hosts and shows the results: what `ftl run`, `exec`,
// `push` and `fetch` share.
import { CALL_DEFAULTS } from "../../core/call/call_defaults.ts";
import type { Call, Summary } from "../../core/call/call.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import type { HostFleet } from "../../core/fleet/host_fleet.ts";
import { engineOf } from "../../core/run/engine.ts";
import type { HostInput } from "../../core/shell/host_input.ts";
import type { Host, Inventory } from "../../inventory/inventory.ts";
import { escapeLine } from "../../output/escape.ts";
import type { Context } from "../commands/context.ts";
import { stopWarning } from "../../console/terminal/stop_warning.ts";
import { EXIT, exitCodeOf, warningText } from "../process/exit_code.ts";
import { type CliFleetOptions, makeFleet } from "../input/fleet_options.ts";
import { readHosts } from "../input/chosen_hosts.ts";
import { mayRunOn } from "../input/confirmation.ts";
import type { NatsOptions } from "../options/nats_rows.ts";
import type {
  CallOptionValues,
  HostOptions,
  OutputOptions,
} from "../options/options.ts";
import type { Sink } from "./recorder.ts";
import { chooseByFacts } from "./choose_by_facts.ts";
import { HostKeyNotes } from "./host_key_notes.ts";
import { createDisplay, showEvents } from "./show_events.ts";

/** What a command adds to a run. */
export interface OnHostsRun {
  /** Throws when words of the command line do not fit the inventory. */
  accept?: (inventory: Inventory) => void;
  /** The names of the hosts to use, of those that were chosen. Default: all. */
  only?: ReadonlySet<string>;
  /** Follow the events besides the display. */
  sinks?: readonly Sink[];
  /** Shows the jobs that the hosts list. */
  listsJobs?: boolean;
  /** Shows the events in place of the display. */
  show?: (events: AsyncIterable<RunEvent>) => Promise<Summary>;
  /** The exit status. Default: as for every run. */
  statusOf?: (summary: Summary) => number;
  /** Resolves to the standard input for the hosts; undefined without any. */
  stdin?: () => Promise<HostInput | undefined>;
}

/** Makes a call on the chosen hosts; resolves to the exit status. */
export async function runOnHosts(
  call: Call,
  options:
    & HostOptions
    & CliFleetOptions
    & NatsOptions
    & CallOptionValues
    & OutputOptions,
  context: Context,
  { accept, stdin, only, show, statusOf = exitCodeOf, ...more }: OnHostsRun =
    {},
): Promise<number> {
  const { inventory, hosts: chosen, decide } = await readHosts(
    options,
    context,
  );
  const possible = chosen.filter(({ name }) => only?.has(name) ?? true);
  accept?.(inventory);
  if (options.listHosts && decide === undefined) {
    return listHosts(possible, context);
  }
  const pattern = options.limit ?? "all";
  const { listsJobs = false } = more;
  const display = await createDisplay(
    { ...options, pattern, listsJobs },
    context,
  );
  const mayStart = async (count: number) => {
    warnOfMaxFail(count, options, context);
    if (await mayRunOn(count, options, context)) return true;
    context.err(warningText("Nothing was run"));
    return false;
  };
  if (decide === undefined && !await mayStart(possible.length)) {
    return EXIT.interrupted;
  }
  const sinks = [...display.sinks, ...more.sinks ?? []];
  const task = {
    call,
    facts: options.facts,
    keepOpen: false,
    serial: options.serial,
    maxFail: options.maxFail,
    keepsResults: holdsResults(options),
    keepInvocation: (options.verbose ?? 0) >= 3,
  };
  if (options.nats !== undefined || options.detach) {
    const { runOverNats } = await import("./run_over_nats.ts");
    return await runOverNats(
      task,
      { ...options, needsStore: "module" in call },
      {
        ...{ context, inventory, decide, stdin, show, statusOf },
        hosts: possible,
        display: { ...display, sinks },
      },
    );
  }
  const keys = new HostKeyNotes(context, { isVerbose: !!options.verbose });
  const needed = { ...options, needsStore: "module" in call };
  const fleet = await makeFleet(possible, needed, context, {
    inventory,
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
    const decided = decide &&
      await chooseByFacts(fleet, possible, { decide, context });
    if (context.signal.aborted) return EXIT.interrupted;
    if (decided && options.listHosts) return listHosts(decided.hosts, context);
    if (decided && !await mayStart(decided.hosts.length)) {
      return EXIT.interrupted;
    }
    const input = await stdin?.();
    const start = (signal: AbortSignal) =>
      engineOf(fleet).run({
        ...task,
        ...(decided && { hosts: decided.hosts.map(({ name }) => name) }),
      }, { signal, stdin: input });
    const summary = show === undefined
      ? await showEvents(start, { ...display, sinks: [...sinks, keys] })
      : await show(start(context.signal));
    if (options.verbose) context.err(await describe(fleet, call));
    return context.signal.aborted
      ? EXIT.interrupted
      : statusOf(decided ? decided.withLeftOut(summary) : summary);
  } finally {
    unwatch();
    unwarn();
    await fleet.close();
  }
}

function listHosts(hosts: readonly Host[], context: Context): number {
  context.out(hosts.map(({ name }) => escapeLine(name) + "\n").join(""));
  return EXIT.ok;
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
    ? `; ${counted(fleet.usedSessions, "host")} in a session`
    : "";
  if (!("module" in call)) {
    return `ftl: no gate, ${bytesSent} bytes sent${inSessions}\n`;
  }
  const { id, built } = await fleet.archive();
  return `ftl: gate ${id.slice(0, 12)} ${built ? "built" : "reused"}, ` +
    `sent to ${counted(gatesSent, "host")}; ${
      counted(packsSent, "pack")
    } and ` +
    `${bytesSent} bytes sent${inSessions}\n`;
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

// One call on many hosts, as events. Every targeted host has exactly one
// result, whatever dies; no host waits for another but for its turn.
import { InventoryError } from "../errors.ts";
import type { Host } from "../inventory/inventory.ts";
import type { Call, HostResult, Summary } from "./call.ts";
import type { RunEvent } from "./event.ts";
import { EventQueue } from "./event_queue.ts";
import { LONGEST_DURATION_MS } from "./duration.ts";
import type { Fleet } from "./fleet.ts";
import { callHost, type HostCallOptions } from "./host_call.ts";
import { createMask, type MaskOptions } from "./outcome/mask.ts";
import { planWork } from "./plan_work.ts";
import { Rollout, type RolloutOptions } from "./rollout.ts";

/** How a run may differ from the usual one. */
export interface RunOptions extends HostCallOptions, RolloutOptions {
  /** Cancels what is not done: remote work is ended, every host has a result. */
  signal?: AbortSignal | undefined;
  /** Names of the fleet's hosts that are meant. Default: all. */
  hosts?: readonly string[] | undefined;
}

/**
 * Makes a call on the hosts of a fleet and yields what happens: `run_start`,
 * then events of hosts in any order with one `result` for each, then `run_end`.
 * Ending the iteration early cancels the run.
 *
 * @throws {BuildError} before any host is contacted, when the module cannot be
 *   found or packed.
 * @throws {InventoryError} before any host is contacted, when `hosts` names one
 *   that the fleet does not have, or a host's variables make no sense.
 * @throws {RangeError} when `timeoutMs` is not above 0, or more than a year.
 */
export async function* run(
  fleet: Fleet,
  call: Call,
  options: RunOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  const began = performance.now();
  const now = () => Math.round(performance.now() - began);
  const started = new Date().toISOString();
  checkTimeout(call.timeoutMs);
  const hosts = chooseHosts(fleet, options.hosts);
  await fleet.findRoutes(hosts);
  const work = await planWork(call, fleet);
  const secrets = [...call.secrets ?? [], ...work.secrets];
  const meant: Call = { ...call, secrets };
  const masking: MaskOptions = {
    ...meant,
    argsOnly: work.shown?.filter((name) => !call.secrets?.includes(name)),
    growing: fleet.secrets,
  };
  const mask = createMask(masking);
  yield {
    event: "run_start",
    t: now(),
    run: crypto.randomUUID(),
    module: call.module,
    ...(call.transfer === undefined ? {} : { transfer: call.transfer }),
    ...(call.command === undefined ? {} : {
      command: call.noLog ? [] : call.command,
    }),
    args: mask.args(call.args),
    hosts: hosts.map((host) => host.name),
    started,
    ...(work.warnings.length > 0 ? { warnings: work.warnings } : {}),
  };

  const stop = new AbortController();
  const signal = options.signal
    ? AbortSignal.any([options.signal, stop.signal])
    : stop.signal;
  const events = new EventQueue<RunEvent>();
  const summary = emptySummary(hosts.length);
  const rollout = new Rollout({
    ...options,
    hosts: hosts.length,
    fanout: fleet.fanout,
  });
  const tasks = hosts.map(async (host) => {
    const result = await callHost(host, {
      fleet,
      rollout,
      call: meant,
      work,
      mask,
      masking,
      options,
      signal,
      emit: (event) => events.push({ ...event, t: now() }),
    });
    summary[result.status]++;
    events.push({ event: "result", t: now(), ...result });
  });
  const done = Promise.all(tasks).finally(() => events.end());
  let isOver = false;
  try {
    yield* events;
    await done;
    isOver = true;
    await fleet.saveHints();
    yield { event: "run_end", t: now(), summary, duration_ms: now() };
  } finally {
    // Nobody listens any more to what is over, and such an error is costly.
    if (!isOver) {
      stop.abort(new DOMException("The run was ended", "AbortError"));
      await done;
    }
  }
}

/** The results of a run by host, in the order in which they came. */
export interface RunReport {
  results: ReadonlyMap<string, HostResult>;
  summary: Summary;
  duration_ms: number;
}

/** Reads a run to its end. */
export async function collect(
  events: AsyncIterable<RunEvent>,
): Promise<RunReport> {
  const results = new Map<string, HostResult>();
  for await (const event of events) {
    if (event.event === "result") {
      const { event: _event, t: _t, ...result } = event;
      results.set(result.host, result);
    } else if (event.event === "run_end") {
      const { summary, duration_ms } = event;
      return { results, summary, duration_ms };
    }
  }
  throw new TypeError("Cannot report a run that has no end");
}

function checkTimeout(ms: number | undefined): void {
  if (ms === undefined || (ms > 0 && ms <= LONGEST_DURATION_MS)) return;
  throw new RangeError(
    `Cannot give a call ${ms} ms: it needs more than 0, and a year at most`,
  );
}

function chooseHosts(
  fleet: Fleet,
  names: readonly string[] | undefined,
): readonly Host[] {
  if (names === undefined) return fleet.hosts;
  const known = new Map(fleet.hosts.map((host) => [host.name, host]));
  return [...new Set(names)].map((name) => {
    const host = known.get(name);
    if (host) return host;
    throw new InventoryError(`Cannot call ${name}: it is not in the fleet`);
  });
}

function emptySummary(hosts: number): Summary {
  return {
    hosts,
    ok: 0,
    changed: 0,
    failed: 0,
    unreachable: 0,
    timed_out: 0,
    cancelled: 0,
    skipped: 0,
  };
}

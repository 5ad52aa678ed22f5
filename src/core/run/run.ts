// Makes one call on many hosts and yields events. Every targeted host has exactly
// one result, whatever fails; a host waits for other hosts only to get a slot.
import { InventoryError } from "../../errors.ts";
import type { Host } from "../../inventory/inventory.ts";
import type { JsonObject } from "../../protocol/message.ts";
import {
  type Call,
  emptySummary,
  type HostResult,
  type Summary,
} from "../call/call.ts";
import type { RunEvent } from "../call/run_event.ts";
import { EventQueue } from "../../async/event_queue.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { hostFleetOf } from "../fleet/host_fleet.ts";
import { callHost, type HostCallOptions } from "./host_call.ts";
import type { Mask } from "../result/mask.ts";
import { runInLanes } from "./lanes.ts";
import { ConnectingHosts } from "./connecting_hosts.ts";
import { OutputBudget } from "./output_budget.ts";
import { checkBounds, planRun, startOf } from "./plan_run.ts";
import { Rollout, type RolloutOptions } from "./rollout.ts";

/** The options of a run. */
export interface RunOptions extends HostCallOptions, RolloutOptions {
  /** Cancels the run and its calls on the hosts; every host still gets a result. */
  signal?: AbortSignal | undefined;
  /** The names of the hosts to run on. Default: all hosts of the fleet. */
  hosts?: readonly string[] | undefined;
  /**
   * Write what was learned about hosts when the run ends. False: when the fleet is
   * closed, for one that makes many small runs. Default: true.
   */
  savesHints?: boolean | undefined;
}

/**
 * Makes a call on the hosts of a fleet and yields events: `run_start`, then those
 * of the hosts in any order, with one `result` for each host, then `run_end`.
 * Ending the iteration early cancels the run.
 *
 * @throws {BuildError} before any host is contacted, when the module cannot be
 *   found or packed, or a template in the arguments is malformed.
 * @throws {InventoryError} before any host is contacted, when `hosts` names one
 *   that the fleet does not have, or a host's variables are invalid.
 * @throws {RangeError} when `timeoutMs` is not above 0, or more than a year; when
 *   `maxOutput` is not above 0, or more than 48 MiB.
 */
export async function* run(
  fleet: Fleet,
  call: Call,
  options: RunOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  const inner = hostFleetOf(fleet);
  const began = performance.now();
  const now = () => Math.round(performance.now() - began);
  const started = new Date().toISOString();
  checkBounds(call);
  const hosts = hostsOfRun(fleet, options.hosts);
  await inner.findRoutes(hosts);
  const plan = await planRun(call, inner, { ...options, hosts });
  const { task, masking, mask, args, templates, call: named } = plan;
  const gatherFacts = options.facts
    ? await (await import("../facts/gather_facts.ts")).planFacts(inner)
    : undefined;
  const masks = new WeakMap<JsonObject, Mask>();
  /** Also masks what results have revealed to be secret. */
  let later = mask;
  yield startOf(plan, { t: now(), run: crypto.randomUUID(), started });

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
  const budget = new OutputBudget({ hosts: hosts.length });
  const connecting = new ConnectingHosts(inner);
  const runOn = async (host: Host) => {
    const result = await callHost(host, {
      fleet: inner,
      budget,
      connecting,
      rollout,
      call: named,
      task,
      gatherFacts,
      mask,
      masking,
      masks,
      hosts: plan.hosts,
      templates,
      options,
      signal,
      onLearned: (learned) => later = later.with(learned),
      emit: (event) => events.push({ ...event, t: now() }),
    });
    summary[result.status]++;
    events.push({ event: "result", t: now(), ...result });
  };
  const done = runInLanes(hosts, {
    count: Math.min(hosts.length, fleet.fanout),
    room: () => events.room(),
    work: runOn,
  }).finally(() => events.end());
  let isOver = false;
  try {
    yield* events;
    await done;
    isOver = true;
    if (options.savesHints ?? true) await inner.saveHints();
    yield {
      event: "run_end",
      t: now(),
      summary,
      duration_ms: now(),
      ...(later === mask ? {} : { args: later.args(args) }),
    };
  } finally {
    // After the end nothing listens any more, and making this error is slow.
    if (!isOver) {
      stop.abort(new DOMException("The run was ended", "AbortError"));
      await done;
    }
  }
}

/** The outcome of a run. */
export interface RunReport {
  /** One result for each host, by its name, in the order of arrival. */
  results: ReadonlyMap<string, HostResult>;
  /** The number of hosts by status. */
  summary: Summary;
  /** How long the run took, in ms. */
  duration_ms: number;
  /** The warnings of the run, one sentence each. */
  warnings: readonly string[];
}

/**
 * Reads a run to its end.
 *
 * @throws {TypeError} when the events end without a `run_end`.
 */
export async function collect(
  events: AsyncIterable<RunEvent>,
): Promise<RunReport> {
  const results = new Map<string, HostResult>();
  const warnings: string[] = [];
  for await (const event of events) {
    if (event.event === "run_start") {
      for (const warning of event.warnings ?? []) warnings.push(warning);
    } else if (event.event === "result") {
      const { event: _event, t: _t, ...result } = event;
      results.set(result.host, result);
    } else if (event.event === "run_end") {
      const { summary, duration_ms } = event;
      return { results, summary, duration_ms, warnings };
    }
  }
  throw new TypeError("Cannot report the run: its events have no run_end");
}

/** The hosts of a run. @throws {InventoryError} when the fleet lacks one. */
export function hostsOfRun(
  fleet: Fleet,
  names: readonly string[] | undefined,
): readonly Host[] {
  if (names === undefined) return fleet.hosts;
  const known = new Map(fleet.hosts.map((host) => [host.name, host]));
  return [...new Set(names)].map((name) => {
    const host = known.get(name);
    if (host) return host;
    throw new InventoryError(`Cannot call ${name}: the fleet has no such host`);
  });
}

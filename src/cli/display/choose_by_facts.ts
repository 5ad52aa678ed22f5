// Chooses hosts by their facts, which are gathered first from all hosts that may be
// chosen. A host whose facts cannot be gathered is named and left out, and counts
// in the exit status.
import { emptySummary, type Summary } from "../../core/call/call.ts";
import type { HostFleet } from "../../core/fleet/host_fleet.ts";
import { run } from "../../core/run/run.ts";
import { isObject } from "../../protocol/body.ts";
import type { Host } from "../../inventory/inventory.ts";
import type { Context } from "../commands/context.ts";
import { warningText } from "../process/exit_code.ts";
import type { ReadHosts } from "../input/chosen_hosts.ts";

/** The hosts that facts have chosen. */
export interface ByFacts {
  readonly hosts: readonly Host[];
  /** A summary that counts the hosts that could not be judged too. */
  withLeftOut(summary: Summary): Summary;
}

/**
 * Gathers facts, and chooses.
 *
 * @throws {InventoryError} when no host is chosen.
 */
export async function chooseByFacts(
  fleet: HostFleet,
  hosts: readonly Host[],
  { decide, context }: {
    decide: NonNullable<ReadHosts["decide"]>;
    context: Context;
  },
): Promise<ByFacts> {
  const leftOut = emptySummary(0);
  const call = { module: "ansible.legacy.setup" };
  for await (
    const event of run(fleet, call, { signal: context.signal, keepOpen: true })
  ) {
    if (event.event !== "result" || fleet.facts.has(event.host)) continue;
    const { host, status, error, result } = event;
    leftOut[status === "ok" ? "failed" : status]++;
    const why = error?.message ?? (isObject(result) ? result.msg : undefined);
    context.err(warningText(
      `${host}: left out, because its facts are not known: ${why ?? status}`,
    ));
  }
  const known = hosts.filter(({ name }) => fleet.facts.has(name));
  const names = new Set(known.map(({ name }) => name));
  const chosen = known.length === 0 || context.signal.aborted
    ? []
    : await decide((host) =>
      names.has(host.name) ? fleet.facts.seen(host) : undefined
    );
  return {
    hosts: chosen.filter(({ name }) => names.has(name)),
    withLeftOut: (summary) => ({
      ...summary,
      failed: summary.failed + leftOut.failed,
      unreachable: summary.unreachable + leftOut.unreachable,
      timed_out: summary.timed_out + leftOut.timed_out,
      cancelled: summary.cancelled + leftOut.cancelled,
    }),
  };
}

// The shortest way to a result: runs one module once, on some hosts.
import type { JsonObject } from "../../protocol/message.ts";
import type { ModuleCall } from "../call/call.ts";
import { type FleetOptions, openFleet } from "./open_fleet.ts";
import { type HostChoice, loadChoice } from "../input/load_hosts.ts";
import { collect, run, type RunOptions, type RunReport } from "./run.ts";

/** The hosts, how to reach them, and the call. */
export interface RunModuleOptions
  extends
    HostChoice,
    Omit<FleetOptions, "hosts" | "inventory">,
    Pick<RunOptions, "signal" | "argsFor" | "facts" | "keepInvocation"> {
  /** The module's arguments; values may be `ref(…)`. Default: none. */
  args?: JsonObject;
  /** More settings of the call, such as `check` and `timeoutMs`. Default: none. */
  call?: Omit<ModuleCall, "module" | "args">;
}

/**
 * Runs one module on hosts, then closes their gates and connections. To run
 * several modules, open a fleet, which keeps its gates.
 *
 * @throws {InventoryError} when the inventory cannot be read, or no host is
 *   chosen.
 * @throws {BuildError} when the module cannot be found or packed.
 */
export async function runModule(
  module: string,
  options: RunModuleOptions,
): Promise<RunReport> {
  const { inventory, hosts } = await loadChoice(options);
  const call: ModuleCall = {
    ...options.call,
    module,
    args: options.args ?? {},
  };
  await using fleet = await openFleet({ ...options, inventory, hosts });
  const { signal, argsFor, facts, keepInvocation } = options;
  return await collect(
    run(fleet, call, {
      signal,
      argsFor,
      facts,
      keepInvocation,
      keepOpen: false,
    }),
  );
}

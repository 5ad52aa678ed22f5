// The task of a call: what a run does on each host, planned before any contact.
import type { HostResult, ModuleCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { HostContext } from "./host_context.ts";

/** What a run does on each host. */
export interface Task {
  /** Parameters whose values are masked, besides those that the call names. */
  readonly secrets: readonly string[];
  /** Those of `secrets` that results may show, unless the call names them too. */
  readonly shown?: readonly string[];
  /** Parameters that are not secret, whatever their names are. */
  readonly unmasked?: readonly string[];
  /** Warnings for the user, one sentence each. */
  readonly warnings: readonly string[];
  /** Runs the task on one host. May throw what goes wrong there. */
  run(context: HostContext): Promise<HostResult>;
}

/**
 * Plans the task of a call of one module. Contacts no host.
 *
 * @param options `name`: the module's name without its collection; `isReceived`:
 *   whether what the call reads was sent by another machine, so that no file of this
 *   one is looked at.
 */
export type Plan = (
  call: ModuleCall,
  options: { name: string; fleet: HostFleet; isReceived: boolean },
) => Promise<Task>;

// What a call comes to on each host.
import type { HostResult, ModuleCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { HostContext } from "./host_context.ts";

/** What is to be done on each host. */
export interface Task {
  /** Parameters whose values are masked, besides those that the call names. */
  readonly secrets: readonly string[];
  /** Those of them that results may show, unless the call names them too. */
  readonly shown?: readonly string[];
  /** Parameters that are no secrets, whatever their names are. */
  readonly unmasked?: readonly string[];
  /** What users should be told, one sentence each. */
  readonly warnings: readonly string[];
  /** Does it on one host. What goes wrong there may be thrown. */
  run(context: HostContext): Promise<HostResult>;
}

/**
 * Makes the work for a call of one module. Contacts nobody.
 *
 * @param about `name`: the module's, without a collection.
 */
export type Plan = (
  call: ModuleCall,
  about: { name: string; fleet: HostFleet },
) => Promise<Task>;

// What a call comes to on each host.
import type { Call, HostResult } from "./call.ts";
import type { Fleet } from "./fleet.ts";
import type { Turn } from "./turn.ts";

/** What is to be done on each host. */
export interface Work {
  /** Parameters whose values are masked, besides those that the call names. */
  readonly secrets: readonly string[];
  /** Those of them that results may show, unless the call names them too. */
  readonly shown?: readonly string[];
  /** Parameters that are no secrets, whatever their names are. */
  readonly unmasked?: readonly string[];
  /** What users should be told, one sentence each. */
  readonly warnings: readonly string[];
  /** Does it on one host. What goes wrong there may be thrown. */
  run(turn: Turn): Promise<HostResult>;
}

/**
 * Makes the work for a call of one module. Contacts nobody.
 *
 * @param about `name`: the module's, without a collection.
 */
export type Plan = (
  call: Call,
  about: { name: string; fleet: Fleet },
) => Promise<Work>;

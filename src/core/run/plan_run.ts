// What a run knows before any host is contacted: its task, its arguments, and what
// is secret in them. Runs of every engine are planned here.
import type { Host } from "../../inventory/inventory.ts";
import { MOST_STDOUT } from "../../protocol/limits.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { argsOf, type Call, type CallName, nameOf } from "../call/call.ts";
import type { RunEvent } from "../call/run_event.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import { LONGEST_DURATION_MS } from "../input/duration.ts";
import {
  type ArgumentTemplates,
  planArguments,
} from "../render/render_arguments.ts";
import { createMask, type Mask, type MaskOptions } from "../result/mask.ts";
import type { Task } from "../work/task.ts";
import { checkArguments } from "./check_arguments.ts";
import type { HostCallOptions } from "./host_call.ts";
import { planTask } from "./plan.ts";

/** A run before its first contact. */
export interface RunPlan {
  /** The call, with the names of all its secret arguments. */
  readonly call: Call;
  readonly task: Task;
  /** The arguments as they were given. */
  readonly args: JsonObject;
  /** The options of `mask`. */
  readonly masking: MaskOptions;
  readonly mask: Mask;
  /** Renders the arguments; undefined when they are not templates. */
  readonly templates: ArgumentTemplates | undefined;
  /** The names of the hosts. */
  readonly hosts: readonly string[];
}

/**
 * Plans a run. Contacts no host.
 *
 * @throws {BuildError} when the module cannot be found or packed, its arguments
 *   are certain to be refused, or a template in them is malformed.
 */
export async function planRun(
  call: Call,
  fleet: HostFleet,
  { hosts, argsFor, received }:
    & Pick<HostCallOptions, "argsFor" | "received">
    & {
      hosts: readonly Host[];
    },
): Promise<RunPlan> {
  const task = await planTask(call, fleet, received);
  if ("module" in call && !call.forceArgs && argsFor === undefined) {
    await checkArguments(call, fleet);
  }
  const names = hosts.map((host) => host.name);
  const templates = await planArguments(call, fleet, names);
  const secrets = [...call.secrets ?? [], ...task.secrets];
  const named: Call = { ...call, secrets };
  const args = argsOf(call);
  const masking: MaskOptions = {
    ...named,
    args,
    unmasked: task.unmasked,
    argsOnly: task.shown?.filter((name) => !call.secrets?.includes(name)),
    growing: fleet.secrets,
  };
  const mask = createMask(masking);
  return { call: named, task, args, masking, mask, templates, hosts: names };
}

/** The event that starts a run. */
export function startOf(
  { call, mask, args, hosts, task }: RunPlan,
  { t, run, started }: { t: number; run: string; started: string },
): Extract<RunEvent, { event: "run_start" }> {
  return {
    event: "run_start",
    ...{ t, run },
    ...maskedName(call, mask),
    args: mask.args(args),
    hosts,
    ...(call.check ? { check: true } : {}),
    started,
    ...(task.warnings.length > 0 ? { warnings: task.warnings } : {}),
  };
}

/** What a call runs, with the secrets in a command masked. */
function maskedName(call: Call, mask: Mask): CallName {
  const name = nameOf(call);
  if (name.command === undefined) return name;
  const command = call.noLog ? [] : name.command.map((word) => mask.text(word));
  return { ...name, command };
}

/** @throws {RangeError} when a time limit or an amount of output is impossible. */
export function checkBounds({ timeoutMs: ms, maxOutput: bytes }: Call): void {
  if (ms !== undefined && !(ms > 0 && ms <= LONGEST_DURATION_MS)) {
    throw new RangeError(
      `Cannot use a timeoutMs of ${ms}: it is not above 0 and at most a year`,
    );
  }
  if (bytes !== undefined && !(bytes > 0 && bytes <= MOST_STDOUT)) {
    throw new RangeError(
      `Cannot use a maxOutput of ${bytes}: it is not from 1 to ${MOST_STDOUT}`,
    );
  }
}

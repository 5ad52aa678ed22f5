// The options of actions that Ansible carries out on its controller alone.
import type { HostContext } from "../work/host_context.ts";
import { fail } from "./action_result.ts";

/** Ends the action when the call has options that it does not take. */
export function refuseOthers(
  { args, call }: HostContext,
  valid: readonly string[],
): void {
  const others = Object.keys(args).filter((name) => !valid.includes(name));
  if (others.length === 0) return;
  const module = "module" in call ? call.module : "";
  fail(`Invalid options for ${module}: ${others.join(",")}`);
}

/** An option that is a list, or one text of it. */
export function textsOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  return (Array.isArray(value) ? value : [value]).map(String);
}

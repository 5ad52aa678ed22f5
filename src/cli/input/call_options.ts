// What the options say of a call, whichever module or command it is.
import type { Call } from "../../core/call/call.ts";
import { UsageError } from "../process/exit_code.ts";
import type { CallOptionValues, OutputOptions } from "../options/options.ts";

/** The part of a call that options decide. */
export function callOf(
  options: CallOptionValues & OutputOptions,
): Omit<Call, "module" | "args" | "command"> {
  return {
    check: options.check ?? false,
    diff: options.diff ?? false,
    env: Object.fromEntries((options.env ?? []).map(readVariable)),
    ...(options.timeout && { timeoutMs: options.timeout * 1000 }),
    stream: options.stream ?? false,
    verbosity: options.verbose ?? 0,
    noLog: options.log === false,
  };
}

function readVariable(text: string): [name: string, value: string] {
  const [, name, value] = /^([A-Za-z_]\w*)=([^]*)$/.exec(text) ?? [];
  if (name === undefined) {
    throw new UsageError(`Cannot read --env ${text}: it is not KEY=VALUE`);
  }
  return [name, value!];
}

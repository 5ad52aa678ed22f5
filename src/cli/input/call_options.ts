// Turns options into the part of a call that does not depend on what it runs.
import type { Call } from "../../core/call/call.ts";
import { UsageError } from "../process/exit_code.ts";
import type { CallOptionValues, OutputOptions } from "../options/options.ts";

/**
 * The part of a call that the options set.
 *
 * @throws {UsageError} when an `--env` is not KEY=VALUE.
 */
export function callOf(
  options: CallOptionValues & OutputOptions,
): Omit<Call, "module" | "args" | "command"> {
  return {
    check: options.check ?? false,
    diff: options.diff ?? false,
    env: Object.fromEntries((options.env ?? []).map(readEnvOption)),
    ...(options.timeout && { timeoutMs: options.timeout * 1000 }),
    ...(options.maxOutput && { maxOutput: options.maxOutput }),
    stream: options.stream ?? false,
    verbosity: options.verbose ?? 0,
    noLog: options.log === false,
  };
}

/**
 * Reads a value of `--env`.
 *
 * @throws {UsageError} when it is not KEY=VALUE.
 */
export function readEnvOption(text: string): [name: string, value: string] {
  const [, name, value] = /^([A-Za-z_]\w*)=([^]*)$/.exec(text) ?? [];
  if (name === undefined) {
    throw new UsageError(`Cannot read --env ${text}: it is not KEY=VALUE`);
  }
  return [name, value!];
}

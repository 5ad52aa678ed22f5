// `ftl run`: reads the module and its arguments, and makes the call.
import {
  parseArguments,
  parseArgumentText,
} from "../../../core/input/arguments.ts";
import { callOf } from "../../input/call_options.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../../process/exit_code.ts";
import { readText } from "../../options/named_files.ts";
import type {
  CallOptionValues,
  ConnectOptions,
  HostOptions,
  ModuleOptions,
  OutputOptions,
} from "../../options/options.ts";
import { runOnHosts } from "../../display/run_on_hosts.ts";

/** The options of `ftl run`. */
export type RunCommandOptions =
  & HostOptions
  & ConnectOptions
  & ModuleOptions
  & CallOptionValues
  & OutputOptions
  & {
    module?: string;
    ftlModule?: string;
    args?: string;
    gate?: string;
    forceModule?: boolean;
    fresh?: boolean;
    debug?: boolean;
  };

/** Runs the module that the first word or an option names. */
export async function handleRun(
  first: string | undefined,
  words: readonly string[],
  { options, context }: { options: RunCommandOptions; context: Context },
): Promise<number> {
  const named = options.module ?? options.ftlModule;
  if (named !== undefined && first !== undefined) words = [first, ...words];
  const module = named ?? first;
  if (module === undefined) {
    throw new UsageError("Cannot run: no module is named", {
      hint: "Name one, for example: ftl run ping -i web1, -M modules",
    });
  }
  const reading = {
    module,
    readText: (path: string) => readText(path, context),
  };
  const text = await parseArgumentText(options.args ?? "", reading);
  const rest = await parseArguments(words, reading);
  const call = {
    ...callOf(options),
    module,
    args: { ...text.args, ...rest.args },
    secrets: [...text.secrets, ...rest.secrets],
    native: options.ftlModule !== undefined,
    moduleOnly: options.forceModule ?? false,
    fresh: options.fresh ?? false,
  };
  const verbose = options.debug ? 3 : options.verbose ?? 0;
  return await runOnHosts(call, { ...options, verbose }, context);
}

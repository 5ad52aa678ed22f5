// `ftl run`: reads the module and its arguments, and makes the call.
import {
  type Arguments,
  parseArguments,
  parseArgumentText,
} from "../../../core/input/arguments.ts";
import { quoteWord } from "../../../core/shell/shell_words.ts";
import { isPattern, readInventory } from "../../input/chosen_hosts.ts";
import { callOf } from "../../input/call_options.ts";
import { dataReadingOf } from "../../input/data_reading.ts";
import type { Context } from "../context.ts";
import { createJobRecorder } from "../../display/job_recorder.ts";
import { UsageError, warningText } from "../../process/exit_code.ts";
import type { NatsOptions } from "../../options/nats_rows.ts";
import { readText } from "../../options/named_files.ts";
import type {
  CallOptionValues,
  ConnectOptions,
  HostOptions,
  ModuleOptions,
  OutputOptions,
} from "../../options/options.ts";
import type { ModuleCall } from "../../../core/call/call.ts";
import { newJobId } from "../../../core/jobs/job_id.ts";
import { runOnHosts } from "../../display/run_on_hosts.ts";

/** The options of `ftl run`. */
export type RunCommandOptions =
  & HostOptions
  & ConnectOptions
  & ModuleOptions
  & NatsOptions
  & CallOptionValues
  & OutputOptions
  & {
    module?: string;
    ftlModule?: string;
    args?: string;
    gate?: string;
    forceModule?: boolean;
    forceArgs?: boolean;
    fresh?: boolean;
    /** In seconds, as `poll`. */
    background?: number;
    poll?: number;
    render?: boolean;
    debug?: boolean;
  };

/** Runs the module that the first word or an option names. */
export async function handleRun(
  first: string | undefined,
  words: readonly string[],
  { options, context }: { options: RunCommandOptions; context: Context },
): Promise<number> {
  const named = options.module || options.ftlModule;
  if (named !== undefined && first !== undefined) words = [first, ...words];
  const module = named || first;
  if (module === undefined || module === "") {
    throw new UsageError("Cannot run: no module is named", {
      hint: "Name one, for example: ftl run ping -i web1, -M modules",
    });
  }
  if (options.ftlModule !== undefined && /^\d+$/.test(options.ftlModule)) {
    throw new UsageError(
      `Cannot use -f ${options.ftlModule}: -f names a native module`,
      {
        hint: `To open at most N hosts at once: --fanout ${options.ftlModule}`,
      },
    );
  }
  const reading = {
    module,
    ...dataReadingOf(options, context),
    readText: (path: string) => readText(path, context),
  };
  const text = await parseArgumentText(options.args ?? "", reading);
  const rest = await parseArguments(words, reading).catch(async (error) => {
    throw await withPatternHint(error, words, { options, context });
  });
  const call = {
    ...callOf(options),
    module,
    args: { ...text.args, ...rest.args },
    secrets: [...text.secrets, ...rest.secrets],
    render: options.render !== false,
    literal: literalOf(text, rest),
    native: options.ftlModule !== undefined,
    moduleOnly: options.forceModule ?? false,
    forceArgs: options.forceArgs ?? false,
    fresh: options.fresh ?? false,
    ...backgroundOf(options),
  };
  const verbose = options.debug ? 3 : options.verbose ?? 0;
  const { background } = call;
  if (background === undefined) {
    return await runOnHosts(call, { ...options, verbose }, context);
  }
  const recorder = createJobRecorder(background, options, context);
  const on = { sinks: [recorder] };
  const status = await runOnHosts(call, { ...options, verbose }, context, on);
  const isLeft = background.pollMs === 0 || context.signal.aborted;
  if (options.listHosts || !isLeft) return status;
  context.err(warningText(
    `the job is ${background.id}: ftl jobs status|wait|cancel ${background.id}`,
  ));
  return status;
}

/** How often a job is looked for: Ansible's default. */
const POLL_SECONDS = 15;

/** What makes the call a job, if it is one. */
function backgroundOf(
  { background, poll, stream }: RunCommandOptions,
): Pick<ModuleCall, "background"> {
  if (background === undefined) {
    if (poll === undefined) return {};
    throw new UsageError(
      "Cannot use --poll: it is about jobs, and none is made",
      {
        hint: "Add -B TIME to run in the background",
      },
    );
  }
  if (stream) {
    throw new UsageError(
      "Cannot stream the output of a job: it goes to a file on the host",
      { hint: "Leave out --stream or -B" },
    );
  }
  return {
    background: {
      id: newJobId(),
      limitMs: background * 1000,
      pollMs: (poll ?? POLL_SECONDS) * 1000,
    },
  };
}

/** The names of literal arguments; a later word of the same name wins. */
function literalOf(text: Arguments, rest: Arguments): string[] {
  const kept = text.literal.filter((name) => !Object.hasOwn(rest.args, name));
  return [...kept, ...rest.literal];
}

/** Adds the hint for a word that chooses hosts, where an argument is expected. */
async function withPatternHint(
  error: unknown,
  words: readonly string[],
  { options, context }: { options: RunCommandOptions; context: Context },
): Promise<unknown> {
  const bare = words.find((word) => !/[=@]/.test(word));
  if (!(error instanceof SyntaxError) || bare === undefined) return error;
  if (options.inventory === undefined) return error;
  try {
    const quiet = { ...context, err: () => {} };
    if (!isPattern(bare, await readInventory(options, quiet))) return error;
  } catch {
    return error; // the inventory cannot be read: the first error is the useful one
  }
  return new UsageError(error.message, {
    hint: `To choose hosts, use -l ${quoteWord(bare)}`,
    cause: error,
  });
}
